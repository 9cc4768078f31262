import { afterEach, beforeEach, expect, test } from "vitest";
import type { Processes } from "../../../src/lib/process/processes.ts";
import { openProvenance } from "../../../src/lib/wire/provenance.ts";
import { fakeDocker } from "../../fakes/docker.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { ProvenanceWorld } from "../provenance/world.ts";

let world: ProvenanceWorld;
beforeEach(() => {
  world = new ProvenanceWorld();
});
afterEach(() => world[Symbol.dispose]());

/** @returns the ports of a command, and what it let docker do */
function opened(signal = new AbortController().signal): ReturnType<typeof openProvenance> & { asked: string[] } {
  const { config, source, registry } = world.ports();
  const docker = fakeDocker({ host: "none", push: () => Promise.reject(new Error("nothing is pushed")) });
  const asked: string[] = [];
  const processes: Processes = {
    run: (command, options) => {
      asked.push(command.file);
      return docker.processes.run(command, options);
    },
  };
  return {
    ...openProvenance({ config, source, registry }, { processes, clock: hurriedClock(), env: {}, signal }),
    asked,
  };
}

test("what was read ahead of a commit is not read again for its bundle", async () => {
  const { published } = await world.publish();
  const { readAhead, provenance, asked } = opened();
  readAhead(published.release.revision);
  readAhead(published.release.revision);
  expect(await provenance(published)).toEqual({ state: "same" });
  expect(asked).toHaveLength(1);
});

test("a bundle that says something else is found all the same", async () => {
  const { published } = await world.publish({ release: { committedAt: "2020-01-01T00:00:00Z" } });
  const { readAhead, provenance } = opened();
  readAhead(published.release.revision);
  expect(await provenance(published)).toMatchObject({ state: "different" });
});

test("of another commit it says nothing", async () => {
  const { published } = await world.publish();
  world.repository.write("backend/conf/app.conf", "debug on\n");
  world.repository.commit("two");
  const { readAhead, provenance } = opened();
  readAhead(world.head);
  expect(await provenance(published)).toEqual({ state: "same" });
});

test("what git does not have is told by the comparison, and nothing else fails", async () => {
  const { published } = await world.publish({ release: { revision: "0".repeat(40), tree: "1".repeat(40) } });
  const { readAhead, provenance } = opened();
  readAhead(published.release.revision);
  expect(await provenance(published)).toMatchObject({ state: "unknown", why: { code: "UNKNOWN_REVISION" } });
});

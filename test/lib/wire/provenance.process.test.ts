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
function opened(
  signal = new AbortController().signal,
  left?: Promise<boolean> | "nothing waits",
): ReturnType<typeof openProvenance> & { asked: string[] } {
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
    ...openProvenance(
      { config, source, registry, ...(left !== "nothing waits" && { aws: { left } }) },
      { processes, clock: hurriedClock(), env: {}, signal },
    ),
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

test("what was read for a comparison is not read again for whoever wants more of it", async () => {
  const { published } = await world.publish();
  const { provenance, readFiles, asked } = opened(undefined, "nothing waits");
  expect(await provenance(published)).toEqual({ state: "same" });
  expect((await readFiles(published.release.revision)).named).toBe((await world.made()).named);
  expect(asked).toHaveLength(1);
});

test("nothing is read ahead before the first requests have left, and nothing where none ever does", async () => {
  const { published } = await world.publish();
  const never = opened(undefined, Promise.resolve(false));
  never.readAhead(published.release.revision);
  const first = Promise.withResolvers<boolean>();
  const { readAhead, provenance, asked } = opened(undefined, first.promise);
  readAhead(published.release.revision);
  const compared = provenance(published);
  await new Promise(setImmediate);
  expect(asked).toEqual([]);
  first.resolve(true);
  expect(await compared).toEqual({ state: "same" });
  // It had the whole time of the other one.
  expect(never.asked).toEqual([]);
  expect(await never.provenance(published)).toEqual({ state: "same" });
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

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { revisions, StubHost } from "./host.ts";

// A process costs some milliseconds on a small host, and a call of docker some tens: a deployment does with few of them.

const host = new StubHost();
beforeAll(() => host.open());
afterAll(() => host.close());

/** Has bash tell each of its commands, with the process that it ran in. @returns how many processes those were */
async function shellsOf(script: string): Promise<number> {
  const [begin, trace] = [join(host.home, "begin"), join(host.home, "trace")];
  writeFileSync(trace, "");
  // The stub is written in bash, too.
  const traced = `exec 19>>${trace}; BASH_XTRACEFD=19 PS4='+$BASHPID '; set -x`;
  writeFileSync(begin, `case $0 in */script-*) ${traced} ;; esac\n`);
  const child = spawn("bash", [host.file(script)], { env: { ...host.env(), BASH_ENV: begin }, stdio: "ignore" });
  expect(await once(child, "close")).toEqual([0, null]);
  return new Set(readFileSync(trace, "utf8").match(/^\++\d+(?= )/gm)).size;
}

test("few shells, forth and straight back", async () => {
  const workers = { workers: ["celery"] };
  host.inSlots = true;
  await host.withOldRelease();
  expect(await shellsOf(host.deployScript(2, revisions.next, workers))).toBeLessThan(340);
  const back = host.deployScript(3, revisions.old, { ...workers, migrate: undefined, asItWas: true });
  expect(await shellsOf(back)).toBeLessThan(240);
});

test("where all images are here and lack only their tags, docker is asked once for all of them", async () => {
  host.inSlots = true;
  await host.withOldRelease();
  const script = host.deployScript(2, revisions.next);
  const images = [...host.read("bundle/release.json").matchAll(/127\.0\.0\.1:5000[^"]+/g)].map(
    ([image]) => `${image}\n`,
  );
  host.set("images", `${host.read("images")}${images.join("")}`);
  host.set("calls", "");
  expect((await host.run(script)).code).toBe(0);
  const calls = host.read("calls").split("\n");
  expect(calls.filter((call) => call.startsWith("pull "))).toEqual([expect.stringContaining("/bundle@")]);
  const asked = calls.slice(
    0,
    calls.findIndex((call) => call.startsWith("tag ")),
  );
  // For the bundle, for all of its images, and for their tags.
  expect(asked.filter((call) => call.startsWith("image inspect --format {{.Id}}"))).toHaveLength(3);
  expect(calls.filter((call) => call.startsWith("tag "))).toHaveLength(5);
});

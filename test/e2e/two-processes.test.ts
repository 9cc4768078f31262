import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PromoteResult } from "../../src/lib/actions/promote/result.ts";
import type { PublishResult } from "../../src/lib/actions/publish/result.ts";
import type { Ended } from "./docker-tools.ts";
import { makePublishingProject, type PublishingProject } from "./publishing-project.ts";

let world: PublishingProject;
beforeAll(async () => {
  world = await makePublishingProject("two-processes");
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function twice(...args: readonly string[]): Promise<Ended[]> {
  const command = [...args, "--json"];
  return Promise.all([world.threads(command), world.threads(command)]);
}

/** What each said, with its exit code: a word of the outcome. */
function told(ended: readonly Ended[]): string[] {
  return ended
    .map(({ code, stdout }) => `${String(code)} ${(JSON.parse(stdout) as { outcome: string }).outcome}`)
    .toSorted();
}

async function commitAndSmoke(text: string): Promise<string> {
  await world.project.write("note.txt", text);
  const revision = world.project.commit();
  await world.result("smoke");
  return revision;
}

describe("the same command from two processes at once, on immutable repositories", () => {
  test.each([1, 2])(
    "publish and promote, round %i: one does the work, the other says so, both exit 0",
    async (round) => {
      const revision = await commitAndSmoke(`round ${String(round)}`);
      const published = await twice("publish");
      expect(told(published)).toEqual(["0 already-published", "0 published"]);
      const [one, two] = published.map(({ stdout }) => JSON.parse(stdout) as PublishResult);
      expect(one?.bundle).toEqual(two?.bundle);
      const promoted = await twice("promote", revision);
      expect(told(promoted)).toEqual(["0 already-promoted", "0 promoted"]);
      const [three, four] = promoted.map(({ stdout }) => JSON.parse(stdout) as PromoteResult);
      const tagged = { ...one?.bundle, tag: `prod-${revision}` };
      expect([three?.bundle, four?.bundle]).toEqual([tagged, tagged]);
      expect(told(await twice("publish"))).toEqual(["0 already-published", "0 already-published"]);
      expect(told(await twice("promote", revision))).toEqual(["0 already-promoted", "0 already-promoted"]);
    },
  );
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import type { RolloutResult } from "../../../src/lib/fleet/result.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

// The first host is also judged by what its edge has counted of the release, beside what it had counted of the one before.

let fleet: Fleet;
const notes: string[] = [];
beforeEach(async () => {
  notes.length = 0;
  fleet = await Fleet.open(2);
  for (const word of ["one", "two"]) fleet.publish(word, true, word, true);
  await put("one", 0);
});
afterEach(() => fleet.close());

const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };
const put = (word: string, observeMs: number): Promise<RolloutResult> => {
  const ports = fleet.freshPorts();
  const progress = { ...ports.progress, note: (text: string) => notes.push(text) };
  return deploy({ ...options, release: sha(word), pace: { observeMs } }, { ...ports, progress });
};
const served = (failed: number, requests = 1000): void => {
  fleet.hosts[0]!.served = { requests, failed, before: { requests: 10_000, failed: 10 } };
};

test("one that fails more often than the release before it goes back, and the next host is not begun", async () => {
  served(20);
  await expect(put("two", 60_000)).rejects.toMatchObject({
    code: "ROLLED_BACK",
    message: expect.stringContaining(
      "went bad while it was watched: 20 of 1000 answers failed, and 10 of 10000 of the release before",
    ),
  });
  expect(fleet.revisions("one")).toEqual(["one", "one"]);
});

test("no more than the one before, or too few to tell: it goes on", async () => {
  served(1);
  expect(await put("two", 60_000)).toMatchObject({ outcome: "deployed" });
  served(1, 10);
  expect(await put("one", 60_000)).toMatchObject({ outcome: "deployed" });
  expect(notes.filter((note) => note.includes("health alone"))).toEqual([]);
});

test("an edge that has not counted before says nothing of it, and that is told", async () => {
  fleet.hosts[0]!.served = { requests: 1000, failed: 500, before: null };
  expect(await put("two", 60_000)).toMatchObject({ outcome: "deployed" });
  expect(notes.filter((note) => note.includes("watched for its health alone"))).toHaveLength(1);
});

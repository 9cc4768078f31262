import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import type { Lineage } from "../../../../src/lib/source/lineage.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// A job that was approved late must not bring back what was replaced meanwhile.

let fleet: Fleet;
/** The words on the one branch that there is, oldest first. */
const branch = ["one", "two", "three", "four"];
/** As git would count: from the first of two commits to the second. */
const between: Lineage["between"] = async (from, to) => {
  const [at, then] = [from, to].map((revision) => branch.findIndex((word) => sha(word) === revision)) as [
    number,
    number,
  ];
  if (at < 0 || then < 0) return { unknown: "bad object" };
  return { commits: Math.max(0, then - at), dropped: Math.max(0, at - then), log: [], migrations: [] };
};
const portsWith = (other: Lineage["between"]) => {
  const ports = fleet.freshPorts();
  return { ...ports, lineage: { ...ports.lineage, between: other } };
};

beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of [...branch, "stranger"]) fleet.publish(word);
  await put("two");
  await put("three");
  fleet.warnings.length = 0;
});
afterEach(() => fleet.close());

const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };
const put = (word: string, change: Partial<DeployOptions> = {}, git = between): Promise<RolloutResult> =>
  deploy({ ...options, release: sha(word), ...change }, portsWith(git));
const [one, two, three] = ["one", "two", "three"].map((word) => sha(word).slice(0, 12));

describe("what git knows to be older is refused, with nothing touched:", () => {
  test("one that has never run there, with the flag that lets it", async () => {
    const records = fleet.ssm.parameters.store.size;
    const next = [`threads deploy -e prod ${sha("one")} --allow-older`];
    const says = `${one} is older than ${three}, which prod runs (deployment 2): it has 2 commits less`;
    await expect(put("one")).rejects.toMatchObject({ code: "OLDER_RELEASE", exitCode: 3, message: says, next });
    const message = `it would be refused: ${says}`;
    await expect(put("one", { dryRun: true })).rejects.toMatchObject({ code: "OLDER_RELEASE", message, next });
    expect(fleet.ssm.parameters.store.size).toBe(records);
    expect(fleet.revisions("three")).toEqual(["three", "three"]);
  });

  test("one that has, with the rollback that brings it back", async () => {
    const next = ["threads rollback -e prod 1", `threads deploy -e prod ${sha("two")} --allow-older`];
    await expect(put("two")).rejects.toMatchObject({ code: "OLDER_RELEASE", next });
  });
});

test("with the flag it is deployed, and said to be older", async () => {
  expect(await put("one", { allowOlder: true })).toMatchObject({
    outcome: "deployed",
    release: { revision: sha("one") },
  });
  expect(fleet.warnings).toEqual([`${one} is older than ${three}, which prod runs`]);
  const planned = await put("one", { allowOlder: true, dryRun: true, force: true });
  expect(planned.next).toEqual([`threads deploy -e prod ${sha("one")} --allow-older --force`]);
});

test("a newer one needs none, and neither does one more of what runs", async () => {
  expect((await put("three", { force: true })).outcome).toBe("deployed");
  expect((await put("four")).outcome).toBe("deployed");
  expect(fleet.warnings).toEqual([]);
});

test("one that goes to the side is no older one; what it leaves out is said", async () => {
  const aside: Lineage["between"] = async () => ({ commits: 1, dropped: 2, log: [], migrations: [] });
  expect((await put("one", {}, aside)).outcome).toBe("deployed");
  expect(fleet.warnings).toEqual([`${one} leaves out 2 commits of ${three}, which prod runs`]);
});

test.each<[string, Lineage["between"]]>([
  ["does not know the commits", between],
  ["is missing", () => Promise.reject(new ThreadsError("NO_GIT", { message: "bad object", advice: ["install git"] }))],
])("where git %s it is said, and stands in no way", async (_, git) => {
  expect((await put("stranger", {}, git)).outcome).toBe("deployed");
  expect(fleet.warnings).toEqual([
    `whether ${sha("stranger").slice(0, 12)} is older than ${three}, which prod runs, git cannot tell: bad object`,
  ]);
});

test("one that has begun to come is gone on with", async () => {
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  const ports = { ...fleet.ports(), lineage: { ...fleet.ports().lineage, between } };
  const half = deploy({ ...options, release: sha("one"), allowOlder: true }, ports);
  await expect(half).rejects.toMatchObject({
    code: "INTERRUPTED",
    next: expect.arrayContaining([`threads deploy -e prod ${sha("one")} --allow-older`]),
  });
  fleet.hosts[0]!.onDeploy = undefined;
  expect((await put("one")).outcome).toBe("deployed");
});

describe("a rollback", () => {
  test("never needs it, and neither does what undoes that", async () => {
    const back = await rollback(options, portsWith(between));
    expect(back).toMatchObject({ release: { revision: sha("two") } });
    expect(back.undo).toBe(`threads deploy -e prod ${sha("three")} --lift-hold 3`);
    expect((await put("three", { liftHold: 3 })).outcome).toBe("deployed");
  });

  test("to a newer release is undone with it", async () => {
    await rollback(options, portsWith(between));
    const forward = await rollback({ ...options, release: "2" }, portsWith(between));
    expect(forward).toMatchObject({ release: { revision: sha("three") } });
    expect(forward.undo).toBe(`threads deploy -e prod ${sha("two")} --lift-hold 4 --allow-older`);
    expect((await put("two", { liftHold: 4, allowOlder: true })).outcome).toBe("deployed");
  });

  test("that was stopped half-way is gone on with by a rollback, which nothing refuses", async () => {
    fleet.hosts[0]!.onDeploy = () => fleet.terminate();
    fleet.hosts[0]!.behaviours.push({ status: "Failed", got: "half way" });
    const error = await rollback(options, fleet.ports()).catch((thrown: unknown) => thrown as ThreadsError);
    expect(error).toMatchObject({ next: expect.arrayContaining(["threads rollback -e prod 1"]) });
    fleet.hosts[0]!.onDeploy = undefined;
    await rollback({ ...options, release: "1" }, portsWith(between));
    expect(fleet.revisions("two")).toEqual(["two", "two"]);
  });
});

test("a hold is told first, and what lifts it does not let an older one pass", async () => {
  await rollback(options, portsWith(between));
  await expect(put("one")).rejects.toMatchObject({ code: "HELD" });
  await expect(put("one", { liftHold: 3 })).rejects.toMatchObject({
    code: "OLDER_RELEASE",
    message: expect.stringContaining(`older than ${two}`),
    next: [`threads deploy -e prod ${sha("one")} --lift-hold 3 --allow-older`],
  });
  expect((await put("one", { liftHold: 3, allowOlder: true })).outcome).toBe("deployed");
});

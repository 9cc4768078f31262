import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import type { EnvironmentStatus } from "../../../../src/lib/fleet/status-result.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { rolloutRenderer } from "../../../../src/lib/output/render/rollout.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// A host that could not be reached when the others went back comes along by the same way, once it is there again.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(3);
  for (const word of ["zero", "one", "two"]) {
    fleet.publish(word);
    await deploy(
      { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined },
      fleet.freshPorts(),
    );
  }
});
afterEach(() => fleet.close());

const back = (release?: string, dryRun = false): Promise<RolloutResult> =>
  rollback({ environment: "prod", release, dryRun, supersede: undefined }, fleet.freshPorts());
const prod = async (): Promise<EnvironmentStatus> =>
  (await status({ environment: "prod" }, fleet.freshPorts())).environments[0]!;
/** What each host was told by a rollback of this number or a later one. */
const told = (number: number): string[][] =>
  fleet.hosts.map(({ seen }) =>
    seen.filter((one) => Number(/^(?:deploy|restore) (\d+)/.exec(one)?.[1] ?? 0) >= number),
  );

/** Rolls back without a host, which is back then. @returns the command that it was advised to type */
async function without(index: number): Promise<string> {
  fleet.hosts[index]!.online = false;
  const { advice } = await back();
  fleet.hosts[index]!.online = true;
  return /once it is back: (.*)$/.exec(advice[0] ?? "")?.[1] ?? "";
}

test("going back once more brings it along, and the others are left as they are", async () => {
  expect(await without(1)).toBe("threads converge -e prod");
  fleet.manifests.clear();
  const done = await back("4");
  expect(done).toMatchObject({
    outcome: "deployed",
    kind: "rollback",
    number: 5,
    rollbackOf: 3,
    leftOut: [],
    undo: `threads deploy -e prod ${sha("two")} --lift-hold 5`,
    hosts: [{ state: "new" }, { state: "new" }, { state: "new" }],
  });
  expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
  expect(told(5)).toEqual([[], ["deploy 5 without celery-beat"], []]);
  const [newest] = (await fleet.ports().ledger.deploymentLog("prod")).deployments;
  expect(newest?.intent.hosts.toSorted()).toEqual(fleet.hosts.map(({ id }) => id));
  expect(newest?.outcome).toMatchObject({ result: "succeeded", hosts: [{ state: "new" }, {}, {}] });
  expect(await prod()).toMatchObject({ outcome: "as-deployed", problems: [], hold: { number: 5, from: sha("two") } });
});

test("status says that it was left out, and how it comes along, in a frozen environment, too", async () => {
  await without(1);
  const by = { user: "bob", host: "desk" };
  await fleet.ports().ledger.freeze("prod", { reason: "stop", by, at: "2026-11-22T10:00:00Z" });
  const { problems, next, hosts } = await prod();
  expect(problems).toEqual([`${fleet.hosts[1]!.id}: was left out of deployment 4: runs ${sha("two").slice(0, 12)}`]);
  expect(next).toEqual(["threads converge -e prod", "threads rollback -e prod"]);
  expect(hosts.map(({ leftOutOf }) => leftOutOf)).toEqual([null, 4, null]);
  expect((await back("4")).outcome).toBe("deployed");
});

test("the one that had the singletons comes along without them", async () => {
  await without(0);
  await back("4");
  const beats = fleet.hosts.map((host) => host.containers.some((one) => one.service === "celery-beat"));
  expect(beats).toEqual([false, true, false]);
  expect((await prod()).problems).toEqual([]);
});

test("status says that its singleton ticks beside the new one until it is brought along", async () => {
  const next = await without(0);
  const [first, second] = fleet.hosts.map(({ id }) => id);
  const twice = `celery-beat runs on 2 hosts, ${first} and ${second}: what it starts is done 2 times`;
  expect(await prod()).toMatchObject({
    problems: [expect.stringMatching(/: was left out of deployment 4: runs /), twice],
    next: [next, "threads rollback -e prod"],
  });
  fleet.hosts[0]!.containers.find(({ service }) => service === "celery-beat")!.state = "exited";
  expect((await prod()).problems).not.toContain(twice);
});

test("one that has come meanwhile, and one that is unwell, are brought along with it", async () => {
  await without(1);
  fleet.addHost("i-0000000000000000a", "prod");
  fleet.hosts[2]!.containers[0]!.state = "exited";
  await back("4");
  expect(told(5).map((each) => each.length)).toEqual([0, 1, 1, 1]);
  expect((await prod()).problems).toEqual([]);
});

test("a plan names whom it leaves as they are", async () => {
  await without(1);
  const planned = await back("4", true);
  expect(planned.next).toEqual(["threads rollback -e prod 4"]);
  expect(planned.steps.filter((step) => step.endsWith(": runs it already, and is left as it is"))).toHaveLength(2);
  expect(told(5)).toEqual([[], [], []]);
});

test("as long as it is not back there is nothing to do, and the same is advised again", async () => {
  await without(1);
  fleet.hosts[1]!.online = false;
  const records = fleet.ssm.parameters.store.size;
  const again = await back("4");
  expect(again).toMatchObject({ outcome: "already-running", number: null, next: [], leftOut: [{}] });
  expect(again.advice).toEqual([expect.stringMatching(/once it is back: threads converge -e prod$/)]);
  expect(fleet.ssm.parameters.store.size).toBe(records);
  const page = rolloutRenderer({})(again, plainPaint).join("\n");
  expect(page).toContain("\nnothing was changed\n");
  expect(page).toContain("once it is back: threads converge -e prod");
});

describe("where it fails on the one", () => {
  test("the others are not brought back to anything, and the same again is the way on", async () => {
    await without(1);
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
    await expect(back("4")).rejects.toMatchObject({
      code: "HOSTS_DIFFER",
      exitCode: 6,
      next: expect.arrayContaining(["threads rollback -e prod 4"]),
    });
    expect(told(5)).toEqual([[], ["deploy 5 without celery-beat"], []]);
    expect(fleet.revisions("one", "two")).toEqual(["one", "two", "one"]);
    await back("4");
    expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
  });
});

test("where none was left out, what runs is nothing to go back to", async () => {
  await back();
  await expect(back("4")).rejects.toMatchObject({ code: "NOTHING_TO_ROLL_BACK", exitCode: 3 });
});

test("without a name it goes further back, left out or not", async () => {
  await without(1);
  expect(await back()).toMatchObject({ rollbackOf: 4, release: { revision: sha("zero") } });
  expect(fleet.revisions("zero")).toEqual(["zero", "zero", "zero"]);
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import type { Deployment } from "../../../../src/lib/ledger/ledger.ts";
import { type Progress, silentProgress } from "../../../../src/lib/progress/progress.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(3);
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  await put("one");
});
afterEach(() => fleet.close());

const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };
const put = (word: string, change: Partial<DeployOptions> = {}, ports = fleet.freshPorts()): Promise<RolloutResult> =>
  deploy({ ...options, release: sha(word), ...change }, ports);
const resume = (change: Partial<DeployOptions> = {}): Promise<RolloutResult> =>
  deploy({ ...options, release: undefined, resume: true, ...change }, fleet.freshPorts());
const told = (number: number): string[][] =>
  fleet.hosts.map(({ seen }) => seen.filter((one) => one.startsWith(`deploy ${number}`)));
const records = async (): Promise<readonly Deployment[]> =>
  (await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments;
const id = (index: number): string => fleet.hosts[index]!.id;

/** Ctrl-C, once this host is at work: it finishes, and no other is begun. */
async function interrupted(word: string, index = 0): Promise<void> {
  fleet.hosts[index]!.onDeploy = () => fleet.press();
  await expect(put(word, {}, fleet.ports())).rejects.toMatchObject({ code: "INTERRUPTED" });
  fleet.hosts[index]!.onDeploy = undefined;
}

/** Its deployer dies once this host is done: nobody writes an end. */
async function killed(word: string, index = 0): Promise<void> {
  const ports = fleet.freshPorts();
  const dead = new Error("killed");
  let isDead = false;
  fleet.hosts[index]!.onDeploy = () => (isDead = true);
  const send: typeof ports.remote.send = (script) => (isDead ? Promise.reject(dead) : ports.remote.send(script));
  const finish = (): Promise<never> => Promise.reject(dead);
  await put(word, {}, fleetPorts(ports, { send, finish })).catch(() => undefined);
  fleet.hosts[index]!.onDeploy = undefined;
}

type Ports = ReturnType<Fleet["ports"]>;
function fleetPorts(ports: Ports, by: { send: Ports["remote"]["send"]; finish: Ports["ledger"]["finish"] }): Ports {
  return rewired(ports, { remote: { send: by.send }, ledger: { ...ports.ledger, finish: by.finish } });
}

test("what was interrupted goes on with its release, and with the hosts that are left", async () => {
  await interrupted("two");
  fleet.head = "three";
  const planned = await resume({ dryRun: true });
  expect(planned).toMatchObject({ outcome: "planned", release: { revision: sha("two") }, rounds: [[id(1)], [id(2)]] });
  // What is typed next goes on, too, and is no deployment of its own.
  expect(planned.next).toEqual(["threads deploy -e prod --resume"]);
  expect(await resume()).toMatchObject({ outcome: "deployed", number: 3, release: { revision: sha("two") } });
  expect(told(3)).toEqual([[], ["deploy 3 migrate without celery-beat"], ["deploy 3 without celery-beat"]]);
  expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
  expect((await records())[0]).toMatchObject({ outcome: { result: "succeeded" } });
  await expect(resume()).rejects.toMatchObject({ code: "NOTHING_TO_RESUME", exitCode: 3 });
});

test("each step that is told has a name of its own", async () => {
  await interrupted("two");
  const titles: string[] = [];
  const tasks: Progress["tasks"] = (all, how) => {
    titles.push(...all.map(({ title }) => title));
    return silentProgress.tasks(all, how);
  };
  const ports = { ...fleet.freshPorts(), progress: { ...silentProgress, tasks } };
  await deploy({ ...options, release: undefined, resume: true }, ports);
  expect(titles.slice(0, 3)).toEqual([
    "Read what did not end in prod",
    "Look at prod",
    expect.stringMatching(/^Deploy /),
  ]);
  expect(new Set(titles).size).toBe(titles.length);
});

test("of a deployer that was killed, once no host is at work for it", async () => {
  await killed("two");
  expect(fleet.revisions("one", "two")).toEqual(["two", "one", "one"]);
  const next = ["threads deploy -e prod --resume --wait", "threads status -e prod"];
  await expect(resume()).rejects.toMatchObject({ code: "DEPLOYMENT_UNDER_WAY", exitCode: 4, next });
  for (const host of fleet.hosts) host.log = { step: "record", quietSeconds: 300 };
  fleet.clock.advance(300_000);
  await resume();
  expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
  expect((await records())[0]?.intent).toMatchObject({ supersedes: 2 });
});

test("goes on without the hosts that were left out", async () => {
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await put("two", { without: [id(2)] }, fleet.ports()).catch(() => undefined);
  fleet.hosts[0]!.onDeploy = undefined;
  expect(await resume()).toMatchObject({ leftOut: [{ id: id(2) }], hosts: [{ id: id(0) }, { id: id(1) }] });
  expect(fleet.revisions("one", "two")).toEqual(["two", "two", "one"]);
});

test("goes on without a host that is gone for good", async () => {
  await interrupted("two");
  fleet.ssm.hosts.delete(id(1));
  fleet.hosts.splice(1, 1);
  await resume();
  expect(fleet.revisions("two")).toEqual(["two", "two"]);
});

test("a plain deployment of it goes on, too, and so does a rollback the other way", async () => {
  await interrupted("two");
  await put("two");
  expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
  fleet.hosts[0]!.behaviours.push({ status: "TimedOut", got: "half way" }, { code: 16, serves: "unknown" });
  await put("three").catch(() => undefined);
  await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts());
  expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
});

describe("there is nothing to resume", () => {
  test("where the last has ended well, or was taken back", async () => {
    await expect(resume()).rejects.toMatchObject({
      code: "NOTHING_TO_RESUME",
      message: expect.stringMatching(/^nothing to resume: deployment 1 of .* has ended: succeeded$/),
    });
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
    await put("two").catch(() => undefined);
    await expect(resume()).rejects.toMatchObject({
      message: expect.stringContaining("rolled-back"),
      next: expect.arrayContaining([`threads deploy -e prod ${sha("two")}`]),
    });
  });

  test("where it is a rollback: that is gone on with by rollback", async () => {
    await put("two");
    fleet.hosts[0]!.behaviours.push({ status: "TimedOut", got: "half way" });
    fleet.hosts[0]!.behaviours.push({ code: 16, serves: "unknown" });
    await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts()).catch(
      () => undefined,
    );
    await expect(resume()).rejects.toMatchObject({
      code: "NOTHING_TO_RESUME",
      next: expect.arrayContaining([`threads rollback -e prod ${sha("one")}`]),
    });
  });

  test("and none may be named beside it", async () => {
    await expect(resume({ release: "two" })).rejects.toMatchObject({ code: "USAGE", exitCode: 2 });
  });
});

describe("behind a contract migration", () => {
  const contract = [{ name: "posts.0007", kind: "contract" }] as const;
  beforeEach(async () => {
    fleet.migrations.set("one", []);
    fleet.migrations.set("two", contract);
    for (const word of ["one", "two"]) fleet.publish(word);
    await put("one", { force: true });
  });
  const two = { pace: { observeMs: 10_000 } };

  test("the plan marks the point of no return", async () => {
    const { steps, noReturn } = await put("two", { dryRun: true });
    expect(noReturn).toEqual(["posts.0007"]);
    expect(steps[1]).toBe("from here on there is no way back: posts.0007 contracts");
  });

  test("a first host that fails goes back: nobody has moved yet", async () => {
    fleet.hosts[0]!.behaviours.push({ code: 14, serves: "old" });
    await expect(put("two")).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
    expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
  });

  test("of a first host that fails later it is said that the database may have changed", async () => {
    fleet.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
    await expect(put("two")).rejects.toMatchObject({
      code: "ROLLED_BACK",
      advice: [expect.stringMatching(/^posts\.0007 may have run/)],
    });
    fleet.hosts[0]!.behaviours.push({ code: 13, serves: "old" });
    await expect(put("two")).rejects.toMatchObject({ code: "HOST_NOT_READY", advice: [] });
  });

  test("a later host that fails takes nobody back, and those behind it get the release all the same", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
    await expect(put("two")).rejects.toMatchObject({
      code: "HOSTS_DIFFER",
      exitCode: 6,
      message: expect.stringContaining("no host goes back behind posts.0007, which contracts"),
      next: expect.arrayContaining(["threads status -e prod", "threads deploy -e prod --resume"]),
    });
    expect(fleet.revisions("one", "two")).toEqual(["two", "one", "two"]);
    expect(fleet.hosts.flatMap(({ seen }) => seen.filter((one) => one.startsWith("restore")))).toEqual([]);
    await resume();
    expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
  });

  test("a first host that goes bad while it is watched stays, and the others are not begun", async () => {
    fleet.hosts[0]!.onDeploy = () =>
      (fleet.hosts[0]!.onStatus = () => (fleet.hosts[0]!.containers[0]!.health = "unhealthy"));
    await expect(put("two", two)).rejects.toMatchObject({ code: "HOSTS_DIFFER" });
    expect(fleet.revisions("one", "two")).toEqual(["two", "one", "one"]);
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { converge, type ConvergeOptions } from "../../../../src/lib/actions/converge/run.ts";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";
import { asPrinted } from "../../../fakes/results.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(3);
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  for (const word of ["one", "two"]) await put(word);
});
afterEach(() => fleet.close());

const put = (word: string, ports = fleet.freshPorts()): Promise<RolloutResult> =>
  deploy({ environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined }, ports);
const bring = async (change: Partial<ConvergeOptions> = {}): Promise<RolloutResult> => {
  const options = { environment: "prod", host: undefined, dryRun: false, supersede: undefined, ...change };
  return asPrinted("converge", await converge(options, fleet.freshPorts()));
};
const told = (number: number): string[][] =>
  fleet.hosts.map(({ seen }) => seen.filter((one) => one.startsWith(`deploy ${number}`)));
const problems = async (): Promise<readonly string[]> =>
  (await status({ environment: "prod" }, fleet.freshPorts())).environments[0]!.problems;
const id = (index: number): string => fleet.hosts[index]!.id;
const added = "i-0000000000000000a";

test("a host that was added gets what the others run, without a migration, and the others nothing", async () => {
  fleet.addHost(added, "prod");
  fleet.manifests.clear();
  expect(await bring({ dryRun: true })).toMatchObject({ outcome: "planned", rounds: [[added]] });
  expect(await bring()).toMatchObject({ outcome: "deployed", number: 3, undo: null, holds: false });
  expect(told(3)).toEqual([[], [], [], ["deploy 3 without celery-beat"]]);
  expect(fleet.revisions("two")).toEqual(["two", "two", "two", "two"]);
  expect(await problems()).toEqual([]);
});

test("again there is nothing to do, and nothing is written", async () => {
  const records = fleet.ssm.parameters.store.size;
  expect(await bring()).toMatchObject({ outcome: "already-running", number: null, next: [] });
  expect(fleet.ssm.parameters.store.size).toBe(records);
});

test("one that is unwell is brought up again", async () => {
  fleet.hosts[1]!.containers[0]!.state = "exited";
  await bring();
  expect(told(3)).toEqual([[], ["deploy 3 without celery-beat"], []]);
  expect(await problems()).toEqual([]);
});

test("somebody else who is at work is told, and waited for where that is said", async () => {
  fleet.addHost(added, "prod");
  const ports = fleet.freshPorts();
  const draft = { kind: "deploy", number: 3, revision: sha("three"), by: ports.author } as const;
  const taken = await ports.ledger.takeLease("prod", draft, () => false);
  if (!("own" in taken)) throw new Error("the lease is somebody else's");
  await expect(bring()).rejects.toMatchObject({
    code: "DEPLOYMENT_UNDER_WAY",
    next: expect.arrayContaining(["threads converge -e prod --wait"]),
  });
  const sleep = (): Promise<void> => ports.ledger.endLease("prod", taken.own, true);
  const options = { environment: "prod", host: undefined, dryRun: false, supersede: undefined, wait: true };
  const done = await converge(options, rewired(fleet.freshPorts(), { clock: { ...ports.clock, sleep } }));
  expect(done).toMatchObject({ outcome: "deployed", number: 3 });
});

test("one that does not answer is left out and told, and the others come along", async () => {
  fleet.hosts[1]!.online = false;
  fleet.hosts[2]!.containers[0]!.state = "exited";
  const done = await bring();
  expect(done).toMatchObject({ outcome: "deployed", leftOut: [{ id: id(1) }] });
  expect(done.advice).toEqual([expect.stringMatching(/once it is back: threads converge -e prod$/)]);
});

test("where nobody answers it is refused, with the reason", async () => {
  for (const host of fleet.hosts) host.online = false;
  await expect(bring()).rejects.toMatchObject({ code: "HOST_SILENT", exitCode: 3 });
});

test("neither a freeze nor a hold is in its way, and the hold stands afterwards", async () => {
  await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts());
  const by = { user: "bob", host: "desk" };
  await fleet.ports().ledger.freeze("prod", { reason: "stop", by, at: "2026-11-22T10:00:00Z" });
  fleet.addHost(added, "prod");
  await bring();
  expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one", "one"]);
  const [prod] = (await status({ environment: "prod" }, fleet.freshPorts())).environments;
  expect(prod?.hold).toMatchObject({ number: 3 });
});

test("a rollback afterwards goes where it would have gone before", async () => {
  fleet.addHost(added, "prod");
  await bring();
  await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts());
  expect(fleet.revisions("one")).toEqual(["one", "one", "one", "one"]);
});

test("what did not end is taken back by it, to what the ledger says", async () => {
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await put("three", fleet.ports()).catch(() => undefined);
  expect(fleet.revisions("two", "three")).toEqual(["three", "two", "two"]);
  await bring();
  expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
  expect(await problems()).toEqual([]);
});

test("but not across what that has contracted", async () => {
  fleet.migrations.set("two", []);
  fleet.migrations.set("three", [{ name: "posts.0007", kind: "contract" }]);
  for (const word of ["two", "three"]) fleet.publish(word);
  await deploy(
    { environment: "prod", release: sha("two"), dryRun: false, force: true, supersede: undefined },
    fleet.freshPorts(),
  );
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await put("three", fleet.ports()).catch(() => undefined);
  await expect(bring()).rejects.toMatchObject({
    code: "ACROSS_CONTRACT",
    next: ["threads deploy -e prod --resume", "threads rollback -e prod --across-contract"],
  });
});

test("in an environment with gates it brings what was promoted, and nothing else", async () => {
  for (const name of fleet.ssm.parameters.store.keys())
    if (name.includes("/promotions/")) fleet.ssm.parameters.store.delete(name);
  fleet.addHost(added, "prod");
  await expect(bring()).rejects.toMatchObject({ code: "NOT_PROMOTED", exitCode: 3 });
});

test("where nothing was ever deployed, that is said", async () => {
  fleet.addHost("i-0000000000000000b", "staging");
  await expect(bring({ environment: "staging" })).rejects.toMatchObject({ code: "NOTHING_DEPLOYED", exitCode: 3 });
});

describe("--host", () => {
  test("brings that one alone, and the record says whom it left", async () => {
    fleet.addHost(added, "prod");
    fleet.hosts[2]!.containers[0]!.state = "exited";
    const done = await bring({ host: added });
    expect(told(3)).toEqual([[], [], [], ["deploy 3 without celery-beat"]]);
    expect(done.leftOut).toEqual([{ id: id(2), name: id(2), why: "--host names another" }]);
    expect(await bring({ host: added })).toMatchObject({ outcome: "already-running" });
    await bring();
    expect(await problems()).toEqual([]);
  });

  test("is refused where what runs once would come to it from a host that does not run the release", async () => {
    fleet.addHost(added, "prod");
    fleet.hosts[0]!.containers[0]!.state = "exited";
    await expect(bring({ host: added })).rejects.toMatchObject({
      code: "HOST_NOT_READY",
      message: expect.stringContaining("celery-beat"),
      next: expect.arrayContaining(["threads converge -e prod"]),
    });
    fleet.hosts[0]!.online = false;
    await expect(bring({ host: added })).rejects.toMatchObject({ code: "HOST_NOT_READY" });
    expect(told(3)).toEqual([[], [], [], []]);
  });

  test("of one that does not answer, or that there is not", async () => {
    fleet.hosts[1]!.online = false;
    await expect(bring({ host: id(1) })).rejects.toMatchObject({ code: "HOST_SILENT" });
    await expect(bring({ host: "web-9" })).rejects.toMatchObject({ code: "UNKNOWN_HOST", exitCode: 2 });
  });

  test("is typed again so that a name with a space in it is one word", async () => {
    Object.assign(fleet.hosts[1]!, { name: "web 2" });
    await expect(bring({ host: "web 3" })).rejects.toMatchObject({
      code: "UNKNOWN_HOST",
      next: expect.arrayContaining(["threads converge -e prod --host 'web 2'"]),
    });
  });
});

describe("hosts that come while a release comes to the others", () => {
  const late = (index: number, change: (host: ReturnType<Fleet["addHost"]>) => void = () => undefined): void => {
    fleet.hosts[index]!.onDeploy = () => {
      fleet.hosts[index]!.onDeploy = undefined;
      change(fleet.addHost(added, "prod"));
    };
  };

  test("get it in a last round", async () => {
    late(2);
    const done = await put("three");
    expect(done.hosts.map((host) => host.id)).toContain(added);
    expect(fleet.revisions("three")).toEqual(["three", "three", "three", "three"]);
    expect(told(3)[3]).toEqual(["deploy 3 without celery-beat"]);
    expect(await problems()).toEqual([]);
  });

  test("come along with a rollback, too", async () => {
    late(0);
    await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts());
    expect(fleet.revisions("one")).toEqual(["one", "one", "one", "one"]);
  });

  test.each([
    [
      "fails",
      (host: ReturnType<Fleet["addHost"]>) => void host.behaviours.push({ code: 10, serves: "old" }),
      /is not ready/,
    ],
    ["is not online yet", (host: ReturnType<Fleet["addHost"]>) => void (host.online = false), /is offline/],
  ])("one that %s takes nobody back, and how it comes along is said", async (_, change, says) => {
    late(2, change);
    const done = await put("three");
    expect(done.outcome).toBe("deployed");
    expect(done.hosts).toHaveLength(3);
    expect(done.advice).toEqual([expect.stringMatching(says)]);
    expect(done.advice[0]).toContain(`threads converge -e prod --host ${added}`);
    expect(fleet.revisions("three")).toEqual(["three", "three", "three", "-"]);
    fleet.hosts[3]!.online = true;
    await bring({ host: added });
    expect(await problems()).toEqual([]);
  });

  test("where AWS does not say, the deployment stands and that is told", async () => {
    const ports = fleet.freshPorts();
    let asked = 0;
    const hosts: typeof ports.remote.hosts = (where) => {
      asked += 1;
      return asked > 1 ? Promise.reject(new Error("throttled")) : ports.remote.hosts(where);
    };
    expect(await put("three", rewired(ports, { remote: { hosts } }))).toMatchObject({ outcome: "deployed" });
    expect(fleet.warnings).toContainEqual(expect.stringMatching(/came to prod meanwhile is not known: throttled/));
  });
});

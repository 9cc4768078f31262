import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import type { RolloutResult } from "../../../src/lib/fleet/result.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import type { DeploymentOutcome } from "../../../src/lib/ledger/ledger.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";
import type { Behaviour } from "../../fakes/simulated-host.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
  for (const word of ["one", "two"]) fleet.publish(word);
  await put("one");
});
afterEach(() => fleet.close());

function put(word: string): Promise<RolloutResult> {
  const options = { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined };
  return deploy(options, fleet.ports());
}
const failed = (): Promise<ThreadsError> =>
  put("two").then(
    () => Promise.reject(new Error("it succeeded")),
    (error: ThreadsError) => error,
  );
const outcome = async (): Promise<DeploymentOutcome | undefined> =>
  (await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments[0]?.outcome;
const states = async (): Promise<string[] | undefined> => (await outcome())?.hosts.map(({ state }) => state);
const restored = (): boolean[] => fleet.hosts.map(({ seen }) => seen.some((one) => one.startsWith("restore 2")));

describe("what a host serves is its own word, whatever the code says:", () => {
  test.each([10, 18, 20])("code %i of one that serves the new release brings it back", async (code) => {
    fleet.hosts[1]!.behaviours.push({ code, serves: "new" });
    expect(await failed()).toMatchObject({ exitCode: 5, code: "ROLLED_BACK" });
    expect(restored()).toEqual([true, true, false]);
    expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
    expect(await outcome()).toMatchObject({ result: "rolled-back" });
  });

  test("a code that nobody knows, of one that serves the old release, leaves it alone", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 29, serves: "old", message: "who knows" });
    expect(await failed()).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining("failed: who knows"),
      // All that its script has said, of which the report has the end.
      next: ["threads status -e prod", "threads logs -e prod --deployment 2 --host i-00000000000000002"],
    });
    expect(restored()).toEqual([true, false, false]);
  });

  test("one that cannot be brought back is told as what it serves", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
    fleet.hosts[0]!.behaviours.push({}, { code: 18, serves: "new" });
    expect((await failed()).details[0]).toBe("i-00000000000000001  runs the new release");
    expect(await states()).toEqual(["new", "old", "untouched"]);
  });

  test("one that failed to say so but is back is back", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
    fleet.hosts[0]!.behaviours.push({}, { code: 20, serves: "old" });
    expect(await failed()).toMatchObject({ exitCode: 5, code: "ROLLED_BACK" });
    expect(await states()).toEqual(["old", "old", "untouched"]);
  });

  test.each<[string, Behaviour, string]>([
    ["the old release", { lies: "old" }, "says that it is done, but serves what it ran before"],
    ["nobody knows what", { lies: "unknown" }, "says that it is done, but does not know what it serves"],
  ])("a success of one that serves %s is none", async (_, behaviour, says) => {
    fleet.hosts[0]!.behaviours.push(behaviour);
    expect(await failed()).toMatchObject({ exitCode: 5, message: expect.stringContaining(says) });
    expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
  });

  test("going back that is done, and the new release is still served, is not back", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
    fleet.hosts[0]!.behaviours.push({}, { lies: "new" });
    expect(await failed()).toMatchObject({ exitCode: 6, code: "HOSTS_DIFFER" });
    expect(await states()).toEqual(["new", "old", "untouched"]);
  });
});

describe("the host's last word counts for more than SSM's:", () => {
  test.each(["Failed", "Execution Timed Out"])("%s", async (word) => {
    fleet.hosts[0]!.behaviours.push({ status: word, word: true });
    expect(await put("two")).toMatchObject({ outcome: "deployed" });
    expect(fleet.hosts[0]!.seen.filter((one) => one === "status")).toHaveLength(2);
  });
});

describe("a last word that is not of this order", () => {
  test.each([{ nonce: "0".repeat(16) }, { number: 1 }, { action: "restore" }])(
    "%j: the host is asked what it runs",
    async (of) => {
      // Only a script that changes something says `now`.
      fleet.hosts[0]!.change = (line) => ("now" in line ? of : {});
      expect(await put("two")).toMatchObject({ outcome: "deployed" });
      expect(fleet.hosts[0]!.seen.at(-1)).toBe("status");
    },
  );

  test("does not make a success of a host that another script is at work on", async () => {
    const [host] = fleet.hosts;
    host!.behaviours.push({ status: "Execution Timed Out", got: "done" });
    host!.onDeploy = () => (host!.onStatus = () => void (host!.busy = true));
    expect(await failed()).toMatchObject({ exitCode: 6, code: "HOSTS_DIFFER" });
    expect(await states()).toEqual(["unknown", "untouched", "untouched"]);
  });
});

describe("a first deployment", () => {
  test("is brought back to nothing, and nothing runs afterwards", async () => {
    const joined = fleet.addHost("i-00000000000000000", "prod");
    fleet.addHost("i-00000000000000009", "prod").behaviours.push({ code: 15, serves: "old" });
    expect(await failed()).toMatchObject({ exitCode: 5, code: "ROLLED_BACK" });
    expect(joined.seen.slice(-2)).toEqual(["deploy 2 without celery-beat", "restore 2 without celery-beat"]);
    expect([joined.current, joined.containers]).toEqual([undefined, []]);
  });

  test("of which something still runs is not back, whatever is on record", async () => {
    const joined = fleet.addHost("i-00000000000000000", "prod");
    joined.behaviours.push({}, { code: 16, serves: "unknown" });
    fleet.addHost("i-00000000000000009", "prod").behaviours.push({ code: 15, serves: "old" });
    expect(await failed()).toMatchObject({ exitCode: 6, code: "HOSTS_DIFFER" });
    expect((await outcome())?.hosts.find(({ id }) => id === joined.id)?.state).toBe("unknown");
    expect(joined.containers).not.toEqual([]);
  });
});

describe("a host that is busy with another deployment", () => {
  const busyNow = (index: number): void => {
    const before = fleet.hosts[index - 1];
    if (before !== undefined) before.onDeploy = () => (fleet.hosts[index]!.busy = true);
    else fleet.hosts[0]!.onStatus = () => queueMicrotask(() => (fleet.hosts[0]!.busy = true));
  };

  test("is left to it: nobody knows what it will serve, and it is not told to go back", async () => {
    busyNow(1);
    expect(await failed()).toMatchObject({ exitCode: 6, message: expect.stringContaining("is busy") });
    expect(restored()).toEqual([true, false, false]);
    expect(await states()).toEqual(["old", "unknown", "untouched"]);
  });

  test("as the first one ends it before anything is touched", async () => {
    busyNow(0);
    expect(await failed()).toMatchObject({
      exitCode: 4,
      code: "HOST_BUSY",
      next: ["threads status -e prod", `threads deploy -e prod ${sha("two")}`],
    });
    expect(restored()).toEqual([false, false, false]);
    expect(await outcome()).toMatchObject({ result: "failed", hosts: [{ state: "unknown" }, {}, {}] });
  });
});

test("what a person must know is said of a success, host by host", async () => {
  fleet.hosts[1]!.behaviours.push({ warnings: ["pruning failed", "the history could not be written"] });
  expect(await put("two")).toMatchObject({ outcome: "deployed" });
  expect(fleet.warnings).toEqual([
    "i-00000000000000002: pruning failed",
    "i-00000000000000002: the history could not be written",
  ]);
});

test("and of a host that was brought back", async () => {
  fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
  fleet.hosts[0]!.behaviours.push({}, { warnings: ["current could not be set"] });
  await failed();
  expect(fleet.warnings).toEqual(["i-00000000000000001: current could not be set"]);
});

describe("a released service that does not run", () => {
  test.each(["web", "celery-beat"])(
    "%s: the deployment is none, names it, and every host goes back",
    async (service) => {
      fleet.hosts[0]!.behaviours.push({ without: service });
      expect(await failed()).toMatchObject({
        exitCode: 5,
        code: "ROLLED_BACK",
        message: expect.stringContaining(`i-00000000000000001 is not complete: ${service} has no container`),
      });
      expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
    },
  );

  test("where docker did not tell, the host's word stands", async () => {
    fleet.hosts[0]!.change = (line) => ("now" in line ? { containers: null } : {});
    expect(await put("two")).toMatchObject({ outcome: "deployed" });
  });
});

describe("what the compose file brings along", () => {
  const redis = { service: "redis", digest: `sha256:${"7".repeat(64)}`, state: "running", health: "none" };
  beforeEach(async () => {
    for (const host of fleet.hosts) host.others = [redis];
    await put("two");
  });
  const problems = async (): Promise<readonly string[] | undefined> =>
    (await status({ environment: "prod" }, fleet.ports())).environments[0]?.problems;

  test("is no drift: status is content, and the same again is no deployment", async () => {
    expect(await problems()).toEqual([]);
    expect(await put("two")).toMatchObject({ outcome: "already-running" });
  });

  test.each([
    [{ state: "exited", exitCode: 0 }, []],
    [{ state: "exited", exitCode: 1 }, ["redis is exited (exit code 1)"]],
    [{ state: "restarting", exitCode: 0 }, ["redis is restarting (exit code 0)"]],
    [{ health: "unhealthy" }, ["redis is unhealthy"]],
    [{ service: "stranger" }, ["redis has no container", "stranger runs here and should not"]],
  ] as const)("%j", async (change, says) => {
    Object.assign(
      fleet.hosts[1]!.containers.find(({ service }) => service === "redis")!,
      change,
    );
    expect(await problems()).toEqual(says.map((one) => `i-00000000000000002: ${one}`));
  });

  test("on a host that does not know its services, only the released ones are known", async () => {
    fleet.hosts[0]!.change = () => ({ services: null });
    expect(await problems()).toEqual(["i-00000000000000001: redis runs here and should not"]);
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { history } from "../../../../src/lib/actions/history/run.ts";
import type { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Deployment } from "../../../../src/lib/ledger/ledger.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// AWS refuses for good what a deployment needs to see its hosts: what is known by then is written down.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
  for (const word of ["one", "two"]) fleet.publish(word);
  await run("one");
});
afterEach(() => fleet.close());

const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };
const run = (word: string): Promise<unknown> => deploy({ ...options, release: sha(word) }, fleet.ports());
const failed = async (): Promise<ThreadsError> =>
  (await run("two").then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )) as ThreadsError;
const records = async (): Promise<readonly Deployment[]> =>
  (await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments;
const expired = { type: "ExpiredTokenException" };
const goOn = [
  "threads status -e prod",
  `threads deploy -e prod ${sha("two")}`,
  "threads rollback -e prod",
  "threads logs -e prod --deployment 2 --follow",
];
const takeOver = ["threads status -e prod", `threads deploy -e prod ${sha("two")} --supersede 2`];

describe("a host at work that is lost sight of", () => {
  test("is unknown, on record too; the others are as they are, and nothing else is begun", async () => {
    fleet.hosts[1]!.onDeploy = () => fleet.ssm.fail("ListCommandInvocations", expired);
    const error = await failed();
    expect(error).toMatchObject({ exitCode: 7, code: "CREDENTIALS_EXPIRED", next: goOn });
    expect(error.message).toMatch(/^deployment 2 of \w+ to prod was lost sight of: .*expired/);
    expect(error.details).toEqual([
      "i-00000000000000001  runs the new release",
      "i-00000000000000002  is in an unknown state; what is at work there goes on without us",
      "i-00000000000000003  was not touched",
    ]);
    expect((await records())[0]?.outcome).toMatchObject({
      result: "interrupted",
      hosts: [{ state: "new" }, { state: "unknown" }, { state: "untouched" }],
    });
  });

  test("stands in nobody's way: the next deployment needs no --supersede, and finishes it", async () => {
    fleet.hosts[0]!.onDeploy = () => fleet.ssm.fail("ListCommandInvocations", expired);
    await failed();
    fleet.hosts[0]!.onDeploy = undefined;
    expect(await run("two")).toMatchObject({ outcome: "deployed", number: 3 });
    const { deployments } = await history({ environment: "prod", limit: 2, before: undefined }, fleet.ports());
    expect(deployments.map(({ number, result }) => [number, result])).toEqual([
      [3, "succeeded"],
      [2, "interrupted"],
    ]);
  });

  test("and of whose script AWS does not even tell whether it was sent", async () => {
    fleet.hosts[0]!.onDeploy = () => {
      fleet.ssm.fail("SendCommand", "drop");
      fleet.ssm.fail("ListCommands", expired);
    };
    expect(await failed()).toMatchObject({ exitCode: 7, code: "SEND_UNKNOWN", next: goOn });
    expect((await records())[0]?.outcome).toMatchObject({
      result: "interrupted",
      hosts: [{ state: "new" }, { state: "unknown" }, { state: "untouched" }],
    });
  });

  test("on its way back leaves the others as they are known", async () => {
    fleet.hosts[2]!.behaviours.push({ code: 15, serves: "old" });
    // Both are brought back at once; the one whose output SSM's list cannot show whole does not get it.
    fleet.hosts[1]!.onRestore = () => {
      fleet.hosts[1]!.change = () => ({ padding: "x".repeat(2_500) });
      fleet.ssm.fail("GetCommandInvocation", expired);
    };
    expect(await failed()).toMatchObject({ exitCode: 7, code: "CREDENTIALS_EXPIRED" });
    const { result, hosts = [] } = (await records())[0]?.outcome ?? {};
    expect(result).toBe("interrupted");
    expect(hosts.map(({ state }) => state).toSorted()).toEqual(["old", "old", "unknown"]);
  });

  test("whose script cannot be cancelled is not taken for one that was never touched", async () => {
    fleet.hosts[0]!.behaviours.push({ until: new Promise<never>(() => undefined) });
    fleet.hosts[0]!.onDeploy = () => {
      fleet.ssm.fail("CancelCommand", { type: "AccessDeniedException" });
      fleet.press();
      fleet.press();
    };
    expect(await failed()).toMatchObject({ exitCode: 7, code: "ACCESS_DENIED" });
    expect((await records())[0]?.outcome?.hosts[0]).toMatchObject({ state: "unknown" });
  });
});

describe("a ledger that is not written", () => {
  test("of a success makes it unknown, with the command that finds out", async () => {
    fleet.hosts[2]!.onDeploy = () => fleet.ssm.fail("PutParameter", expired);
    expect(await failed()).toMatchObject({
      exitCode: 7,
      code: "OUTCOME_NOT_WRITTEN",
      message: expect.stringContaining("ended as succeeded"),
      next: takeOver,
    });
  });

  test("of a host that is lost sight of: both are told", async () => {
    fleet.hosts[0]!.onDeploy = () => {
      fleet.ssm.fail("ListCommandInvocations", expired);
      fleet.ssm.fail("PutParameter", { type: "AccessDeniedException", message: "no" });
    };
    const error = await failed();
    expect(error).toMatchObject({ exitCode: 7, code: "OUTCOME_NOT_WRITTEN", next: takeOver });
    expect(error.message).toContain("ended as interrupted");
    expect(error.details).toEqual([
      "i-00000000000000001  unknown",
      "i-00000000000000002  untouched",
      "i-00000000000000003  untouched",
      expect.stringContaining("was lost sight of"),
    ]);
    expect((await records())[0]?.outcome).toBeUndefined();
  });

  test("of a deployment that has not begun: no host is touched", async () => {
    // The first is the lease's, and stops nobody.
    fleet.ssm.fail("PutParameter", { type: "AccessDeniedException", message: "no" }, "lose-reply", expired);
    expect(await failed()).toMatchObject({
      exitCode: 7,
      code: "OUTCOME_UNKNOWN",
      message: expect.stringContaining("deployment 2 may be on record"),
      next: takeOver,
    });
    expect(fleet.hosts.some(({ seen }) => seen.includes("deploy 2"))).toBe(false);
  });
});

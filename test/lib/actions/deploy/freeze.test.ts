import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import type { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { DeploymentOutcome } from "../../../../src/lib/ledger/ledger.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// A freeze that comes when a deployment is already on its way stops it before its next host.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  await put("one");
  await put("two");
});
afterEach(() => fleet.close());

const bob = { user: "bob", host: "desk" };
const put = (word: string, liftHold?: number): Promise<RolloutResult> =>
  deploy(
    { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined, liftHold },
    fleet.freshPorts(),
  );
const back = (): Promise<RolloutResult> =>
  rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts());
const failed = (run: Promise<unknown>): Promise<ThreadsError> =>
  run.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: ThreadsError) => error,
  );
const outcome = async (): Promise<DeploymentOutcome | undefined> =>
  (await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments[0]?.outcome;
const why = "prod is frozen by bob on desk since .*: stop the line$";
const again = ["threads freeze -e prod --lift", `threads deploy -e prod ${sha("three")}`];

/** Written as another process would: at once, when the host begins. */
function freezeDuring(index: number): void {
  fleet.hosts[index]!.onDeploy = () => {
    const record = { schema: 1, reason: "stop the line", by: bob, at: "2026-11-22T10:00:00Z", nonce: "n" };
    fleet.ssm.parameters.store.set("/threads/prod/freeze", JSON.stringify(record));
  };
}

test("hosts that are new stay new, the others are untouched, and it is said by whom and why", async () => {
  freezeDuring(0);
  const error = await failed(put("three"));
  expect(error).toMatchObject({
    exitCode: 130,
    code: "FROZEN",
    message: expect.stringMatching(new RegExp(`^deployment 3 of .* to prod was stopped: ${why}`)),
    next: ["threads rollback -e prod", ...again],
  });
  expect(error.details).toEqual([
    "i-00000000000000001  runs the new release",
    "i-00000000000000002  was not touched",
    "i-00000000000000003  was not touched",
  ]);
  expect(await outcome()).toMatchObject({ result: "interrupted" });
  expect(fleet.revisions("two", "three")).toEqual(["three", "two", "two"]);
});

test("the way back is open, and so is going on once it is lifted", async () => {
  freezeDuring(1);
  await failed(put("three"));
  expect(fleet.revisions("two", "three")).toEqual(["three", "three", "two"]);
  expect(await failed(put("three"))).toMatchObject({
    code: "FROZEN",
    exitCode: 3,
    next: ["threads freeze -e prod --lift", "threads rollback -e prod"],
  });
  expect(await back()).toMatchObject({ outcome: "deployed", release: { revision: sha("two") } });
  await fleet.ports().ledger.lift("prod", bob, "2026-11-22T10:00:00Z");
  fleet.hosts[1]!.onDeploy = undefined;
  expect(await put("three", 4)).toMatchObject({ outcome: "deployed" });
});

test("during the last host it changes nothing", async () => {
  freezeDuring(2);
  expect(await put("three")).toMatchObject({ outcome: "deployed" });
});

test("a host that fails afterwards still brings the others back", async () => {
  freezeDuring(1);
  fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
  expect(await failed(put("three"))).toMatchObject({ code: "ROLLED_BACK" });
  expect(fleet.revisions("two", "three")).toEqual(["two", "two", "two"]);
});

test("a rollback heeds none", async () => {
  freezeDuring(0);
  expect(await back()).toMatchObject({ outcome: "deployed", release: { revision: sha("one") } });
});

describe("after the look and before the first host", () => {
  test("it is a refusal: nothing was touched", async () => {
    const ports = fleet.freshPorts();
    const begin: typeof ports.ledger.begin = async (...args) => {
      await ports.ledger.freeze("prod", { reason: "stop the line", by: bob, at: "2026-11-22T10:00:00Z" });
      return ports.ledger.begin(...args);
    };
    const options = { environment: "prod", release: sha("three"), dryRun: false, force: false, supersede: undefined };
    expect(await failed(deploy(options, { ...ports, ledger: { ...ports.ledger, begin } }))).toMatchObject({
      exitCode: 3,
      code: "FROZEN",
      message: expect.stringMatching(new RegExp(`was stopped: ${why}`)),
      next: again,
    });
    expect(await outcome()).toMatchObject({ result: "interrupted", hosts: [{ state: "untouched" }, {}, {}] });
    expect(fleet.hosts.flatMap(({ seen }) => seen).filter((one) => one.includes("3"))).toEqual([]);
  });
});

test("where nobody can tell whether it is frozen, no further host is begun", async () => {
  fleet.hosts[0]!.onDeploy = () => fleet.ssm.fail("GetParameters", { type: "AccessDeniedException" });
  expect(await failed(put("three"))).toMatchObject({
    code: "ROLLED_BACK",
    message: expect.stringContaining("i-00000000000000002 was not begun: "),
  });
  expect(fleet.revisions("two", "three")).toEqual(["two", "two", "two"]);
});

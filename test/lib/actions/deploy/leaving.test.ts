import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import type { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Deployment } from "../../../../src/lib/ledger/ledger.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
let release: () => void;
let released: Promise<void>;
beforeEach(async () => {
  fleet = await Fleet.open();
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  ({ promise: released, resolve: release } = Promise.withResolvers<void>());
  await put("one", fleet.freshPorts());
  await put("two", fleet.freshPorts());
});
afterEach(async () => {
  release();
  await fleet.close();
});

const put = (word: string, ports: ReturnType<Fleet["ports"]> = fleet.ports()) =>
  deploy({ environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined }, ports);
const back = (ports: ReturnType<Fleet["ports"]> = fleet.ports()) =>
  rollback({ environment: "prod", dryRun: false, supersede: undefined }, ports);
const failed = (run: Promise<unknown>): Promise<ThreadsError> =>
  run.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: ThreadsError) => error,
  );
const last = async (): Promise<Deployment | undefined> =>
  (await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments[0];
const scripts = (): string[] => fleet.hosts.flatMap(({ seen }) => seen.filter((one) => /[34]/.test(one)));
const [first, second] = ["i-00000000000000001", "i-00000000000000002"];

/** TERM comes once the host is at work, which goes on until it is released. */
function atWork(index: number): void {
  const host = fleet.hosts[index]!;
  host.behaviours.push({ until: released });
  host.onDeploy = () => fleet.terminate();
}

test("the host at work goes on, the outcome so far is written, and what to type is said", async () => {
  atWork(1);
  const error = await failed(put("three"));
  expect(error).toMatchObject({
    exitCode: 130,
    code: "INTERRUPTED",
    message: expect.stringMatching(
      new RegExp(`^deployment 3 of ${sha("three").slice(0, 12)} to prod .*: ${second} goes on`),
    ),
    next: [
      "threads status -e prod",
      `threads deploy -e prod ${sha("three")}`,
      "threads rollback -e prod",
      "threads logs -e prod --deployment 3 --follow",
    ],
  });
  expect(error.details).toEqual([
    `${first}  runs the new release`,
    `${second}  is in an unknown state; what is at work there goes on without us`,
    "i-00000000000000003  was not touched",
  ]);
  expect((await last())?.outcome).toMatchObject({
    result: "interrupted",
    hosts: [{ state: "new" }, { state: "unknown" }, { state: "untouched" }],
  });
  expect(fleet.ssm.count("CancelCommand")).toBe(0);
  expect(scripts()).toEqual(["deploy 3 migrate", "deploy 3 without celery-beat"]);
});

test("after a Ctrl-C too: the second wish of a machine is none", async () => {
  fleet.hosts[0]!.behaviours.push({ until: released });
  fleet.hosts[0]!.onDeploy = () => {
    fleet.press();
    fleet.terminate();
  };
  expect(await failed(put("three"))).toMatchObject({ exitCode: 130, message: expect.stringContaining("without us") });
  expect(fleet.ssm.count("CancelCommand")).toBe(0);
});

test("whoever has left cancels nothing, however somebody presses after it", async () => {
  fleet.hosts[0]!.behaviours.push({ until: released });
  fleet.hosts[0]!.onDeploy = () => {
    fleet.terminate();
    fleet.press();
  };
  expect(await failed(put("three"))).toMatchObject({ exitCode: 130 });
  expect(fleet.ssm.count("CancelCommand")).toBe(0);
});

test("the next run is refused as long as the host is at work, and then goes on", async () => {
  atWork(0);
  await failed(put("three"));
  fleet.hosts[0]!.onDeploy = undefined;
  const refusal = { code: "HOST_BUSY", exitCode: 4 };
  await expect(put("three", fleet.freshPorts())).rejects.toMatchObject(refusal);
  await expect(back(fleet.freshPorts())).rejects.toMatchObject(refusal);
  release();
  await expect.poll(() => fleet.hosts[0]!.busy).toBe(false);
  expect(await put("three", fleet.freshPorts())).toMatchObject({ outcome: "deployed", number: 4 });
  expect(fleet.revisions("two", "three")).toEqual(["three", "three", "three"]);
});

test("and back it goes as well", async () => {
  atWork(0);
  await failed(put("three"));
  fleet.hosts[0]!.onDeploy = undefined;
  release();
  await expect.poll(() => fleet.hosts[0]!.busy).toBe(false);
  expect(await back(fleet.freshPorts())).toMatchObject({ rollbackOf: 3, release: { revision: sha("two") } });
  expect(fleet.revisions("two", "three")).toEqual(["two", "two", "two"]);
});

test("of a rollback the same holds; going on means its release and not the one that it left", async () => {
  atWork(0);
  expect(await failed(back())).toMatchObject({
    exitCode: 130,
    message: expect.stringMatching(/^rollback 3 .* was interrupted: .* goes on without us$/),
    next: ["threads status -e prod", "threads rollback -e prod 1", "threads logs -e prod --deployment 3 --follow"],
  });
  expect((await last())?.outcome).toMatchObject({ result: "interrupted" });
});

describe("in the middle of", () => {
  test("bringing hosts back: those at it are unknown, and it is said why they were", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old", message: "web is unhealthy" });
    fleet.hosts[0]!.behaviours.push({}, { until: released });
    fleet.hosts[0]!.onRestore = () => fleet.terminate();
    const error = await failed(put("three"));
    expect(error).toMatchObject({ exitCode: 130, message: expect.stringContaining("web is unhealthy") });
    expect(error.details[0]).toContain("goes on without us");
    expect((await last())?.outcome).toMatchObject({
      result: "interrupted",
      hosts: [{ state: "unknown" }, { state: "old" }, { state: "untouched" }],
    });
    release();
    await expect.poll(() => fleet.revisions("two", "three")).toEqual(["two", "two", "two"]);
  });

  test("a failure and the way back: what was not told to go back is where it was", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
    const progress: typeof fleet.progress = {
      ...fleet.progress,
      tasks: (tasks, how) =>
        fleet.progress.tasks(tasks, how).catch((error: unknown) => {
          fleet.terminate();
          throw error;
        }),
    };
    expect(await failed(put("three", fleet.ports({ progress })))).toMatchObject({ exitCode: 130 });
    expect((await last())?.outcome?.hosts.map(({ state }) => state)).toEqual(["new", "old", "untouched"]);
    expect(scripts()).not.toContain("restore 3");
  });

  test("the first look: at once, and nothing is written", async () => {
    fleet.hosts[0]!.onStatus = () => {
      fleet.terminate();
      return released;
    };
    expect(await failed(put("three"))).toMatchObject({ exitCode: 130, code: "INTERRUPTED" });
    expect([(await last())?.intent.number, scripts()]).toEqual([2, []]);
  });

  test("a question to AWS that nobody answers: at once as well", async () => {
    const ports = fleet.ports();
    const silent = (): Promise<never> => {
      fleet.terminate();
      return new Promise(() => undefined);
    };
    const looking = { ...ports, ledger: { ...ports.ledger, deploymentLog: silent } };
    expect(await failed(put("three", looking))).toMatchObject({ exitCode: 130 });
    const next = new Fleet();
    const calm = { signal: next.interrupt.signal, detach: next.detach.signal };
    const frozen = (): Promise<never> => {
      next.terminate();
      return new Promise(() => undefined);
    };
    const ledger = { ...ports.ledger, frozen };
    expect(await failed(put("three", rewired(ports, { ...calm, ledger })))).toMatchObject({ exitCode: 130 });
    expect((await last())?.outcome?.hosts.map(({ state }) => state)).toEqual(["untouched", "untouched", "untouched"]);
  });

  test("sending: the host may have got it, so nobody knows", async () => {
    const ports = fleet.ports();
    const send: typeof ports.remote.send = (script) => {
      if (script.label.includes("status")) return ports.remote.send(script);
      fleet.terminate();
      return new Promise(() => undefined);
    };
    expect(await failed(put("three", rewired(ports, { remote: { send } })))).toMatchObject({
      exitCode: 130,
    });
    expect((await last())?.outcome?.hosts[0]?.state).toBe("unknown");
  });

  test("asking a host of which SSM knows nothing", async () => {
    fleet.hosts[0]!.behaviours.push({ status: "Execution Timed Out", got: "half way" });
    fleet.hosts[0]!.onDeploy = () => (fleet.hosts[0]!.onStatus = () => fleet.terminate());
    expect(await failed(put("three"))).toMatchObject({ exitCode: 130 });
    expect((await last())?.outcome).toMatchObject({ result: "interrupted", hosts: [{ state: "unknown" }, {}, {}] });
    expect(scripts()).toEqual(["deploy 3 migrate"]);
  });
});

test("when the last host has just ended: a success, and it is written", async () => {
  const ports = fleet.ports();
  const finish: typeof ports.ledger.finish = (environment, outcome) => {
    fleet.terminate();
    return ports.ledger.finish(environment, outcome);
  };
  const ledger = { ...ports.ledger, finish };
  expect(await put("three", { ...ports, ledger })).toMatchObject({
    outcome: "deployed",
  });
  expect((await last())?.outcome?.result).toBe("succeeded");
});

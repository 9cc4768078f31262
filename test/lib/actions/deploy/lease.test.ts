import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback, type RollbackOptions } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import type { Clock } from "../../../../src/lib/clock/clock.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import { withoutPulse } from "../../../fakes/hurried-clock.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { asPrinted } from "../../../fakes/results.ts";

const name = "/threads/prod/lock";
const refused = { type: "AccessDeniedException", message: "no" };
let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  await put("one");
  await put("two");
});
afterEach(() => fleet.close());

const bob = { author: { user: "bob", host: "ci", runUrl: "https://github.com/o/r/actions/runs/7" } };
function put(word: string, change: Partial<DeployOptions> = {}, ports = fleet.freshPorts()): Promise<RolloutResult> {
  const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };
  return deploy({ ...options, release: sha(word), ...change }, ports);
}
const back = (change: Partial<RollbackOptions> = {}): Promise<RolloutResult> =>
  rollback({ environment: "prod", dryRun: false, supersede: undefined, ...change }, fleet.freshPorts());
const lease = () => fleet.freshPorts().ledger.lease("prod");

/** Bob deploys, and something is done while the first host is at work. */
async function meanwhile<T>(act: () => Promise<T>, pulse = withoutPulse): Promise<T> {
  let end: { readonly value: T } | undefined;
  fleet.hosts[0]!.behaviours.push({
    get until(): Promise<void> {
      return act().then((value) => void (end ??= { value }));
    },
  });
  await put("three", {}, { ...fleet.freshPorts(), ...bob, pulse });
  if (end === undefined) throw new Error("nothing was done meanwhile");
  return end.value;
}

/** As Bob's killed process has left it: an intent, and a lease whose last beat was so long ago. */
async function killed(quietMs: number): Promise<void> {
  const { ledger } = fleet.freshPorts();
  const [latest] = (await ledger.deploymentLog("prod")).deployments;
  const { schema: _, number, nonce: _own, ...draft } = latest!.intent;
  const at = (ms: number): string => new Date(fleet.clock.now() + ms).toISOString();
  const times = { startedAt: at(0), deadline: at(900_000), by: bob.author };
  const { revision, kind } = latest!.intent;
  await ledger.takeLease("prod", { kind, number: number + 1, revision, by: bob.author }, () => false);
  await ledger.begin("prod", number + 1, { ...draft, ...times });
  fleet.clock.advance(quietMs);
}

/** A pulse that beats so often, each time after what is done between two beats. */
function beats(...between: readonly (() => void | Promise<void>)[]): Clock["sleep"] {
  const left = [...between];
  return async (ms, signal) => {
    const next = left.shift();
    if (next === undefined) return withoutPulse(ms, signal);
    await next();
  };
}

describe("the lease is given up", () => {
  test("after a success, and what was refused before took none", async () => {
    expect(await lease()).toBeUndefined();
    await put("three", { dryRun: true });
    expect(fleet.ssm.count("DeleteParameter")).toBe(2);
  });

  test.each([
    ["a failure", "ROLLED_BACK", () => fleet.hosts[1]!.behaviours.push({ code: 13, serves: "old" })],
    ["a Ctrl-C", "INTERRUPTED", () => void (fleet.hosts[0]!.onDeploy = () => fleet.press())],
    ["a TERM", "INTERRUPTED", () => void (fleet.hosts[0]!.onDeploy = () => fleet.terminate())],
    [
      "an outcome that is not written",
      "OUTCOME_NOT_WRITTEN",
      () => void (fleet.hosts[0]!.onDeploy = () => fleet.ssm.fail("PutParameter", refused)),
    ],
  ])("after %s", async (_, code, harm) => {
    harm();
    await expect(put("three", {}, fleet.ports())).rejects.toMatchObject({ code });
    expect(fleet.ssm.parameters.store.has(name)).toBe(false);
  });

  test("at its latest 11 s after the end, where AWS refuses", async () => {
    fleet.ssm.fail("DeleteParameter", refused);
    await put("three");
    expect(fleet.warnings).toEqual([
      expect.stringContaining("the lease of prod could not be given up, and ends in 11 s"),
    ]);
    // The ledger says that it has ended: nobody waits for it.
    expect(await put("two", { allowOlder: true })).toMatchObject({ outcome: "deployed", number: 4 });
  });
});

describe("of two engineers", () => {
  test.each([
    ["deploy", () => put("one"), `threads deploy -e prod ${sha("one")} --wait`],
    ["rollback", () => back(), "threads rollback -e prod --wait"],
  ])(
    "the second one's %s is refused at once, and told who, since when and what is being done",
    async (_, run, next) => {
      const sent = await meanwhile(async () => {
        const before = fleet.ssm.count("SendCommand");
        await expect(run()).rejects.toMatchObject({
          code: "DEPLOYMENT_UNDER_WAY",
          exitCode: 4,
          message: expect.stringMatching(
            /^bob \(https:\S+runs\/7\) is deploying \w{12} to prod \(deployment 3, for \d+ s\); begins, \d+ s ago$/,
          ),
          next: [next, "threads status -e prod"],
        });
        return fleet.ssm.count("SendCommand") - before;
      });
      expect(sent).toBe(0);
      expect(fleet.revisions("three")).toEqual(["three", "three"]);
    },
  );

  test("the second one may wait, and then looks at everything anew", async () => {
    const said: string[] = [];
    const own = fleet.freshPorts();
    const progress: typeof silentProgress = {
      ...silentProgress,
      tasks: (tasks) =>
        silentProgress.tasks(
          tasks.map((task) => ({
            title: task.title,
            run: () => task.run({ update: (text) => void said.push(`${task.title}: ${text}`), done: () => undefined }),
          })),
        ),
    };
    const sleep: Clock["sleep"] = async () => new Promise((resolve) => setTimeout(resolve, 5));
    const ports = { ...own, progress, clock: { ...own.clock, sleep } };
    const waiting = await meanwhile(async () => {
      const run = put("one", { wait: true, allowOlder: true }, ports);
      while (!said.some((text) => text.startsWith("Wait for prod: bob"))) await sleep(0);
      return { run };
    });
    expect(await waiting.run).toMatchObject({ number: 4, outcome: "deployed" });
    expect(fleet.revisions("one")).toEqual(["one", "one"]);
  });

  test("the second one's Ctrl-C ends the wait", async () => {
    await killed(0);
    const ports = fleet.ports();
    const sleep: Clock["sleep"] = (ms, signal) => {
      fleet.press();
      return fleet.clock.sleep(ms, signal);
    };
    const waiting = put("three", { wait: true }, { ...ports, clock: { ...ports.clock, sleep } });
    await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
  });

  test("status tells who it is, and what they are at", async () => {
    const { promise, resolve: beat } = Promise.withResolvers<void>();
    const seen = await meanwhile(
      async () => {
        beat();
        await expect.poll(async () => (await lease())?.step).not.toBe("begins");
        return status({ environment: "prod" }, fleet.freshPorts());
      },
      beats(() => promise),
    );
    const result = asPrinted("status", seen);
    expect(result.environments[0]?.lease).toMatchObject({
      number: 3,
      kind: "deploy",
      by: { user: "bob" },
      step: expect.stringMatching(/^Deploy \w{12} on i-00000000000000001/),
    });
    expect(statusRenderer({})(result, plainPaint).join("\n")).toMatch(/bob .* has the lease for .*#3\)\n.*Deploy/);
  });

  test("--supersede goes over one who lives, and takes the lease as well", async () => {
    await killed(0);
    expect(await back({ supersede: 3 })).toMatchObject({ number: 4, outcome: "deployed" });
    expect(fleet.revisions("two")).toEqual(["two", "two"]);
    expect(await lease()).toBeUndefined();
  });
});

describe("a holder that was killed", () => {
  test("is waited for until it is dead, and then taken over without a word more", async () => {
    await killed(9_000);
    await expect(put("three")).rejects.toMatchObject({ code: "DEPLOYMENT_UNDER_WAY" });
    const began = fleet.clock.now();
    expect(await put("three", { wait: true })).toMatchObject({ number: 4, outcome: "deployed" });
    expect(fleet.warnings).toEqual([
      expect.stringMatching(/^deployment 3 by bob .* is taken over: its deployer is gone/),
    ]);
    const [latest] = (await fleet.freshPorts().ledger.deploymentLog("prod")).deployments;
    expect(latest?.intent.supersedes).toBe(3);
    expect(Date.parse(latest!.recordedAt!) - began).toBeLessThan(5_000);
  });

  test.each([0, 1_900, 3_000, 10_900])(
    "gives way 13 s after its last beat at the latest, by the server's clock: %i ms were over when the next one came",
    async (quietMs) => {
      await killed(quietMs);
      const { beatAt } = (await lease())!;
      const looks: { readonly ms: number; readonly state: string | undefined }[] = [];
      const ports = fleet.freshPorts();
      const looking: typeof ports.ledger.lease = async (environment) => {
        const ms = fleet.clock.now() - Date.parse(beatAt);
        const found = await ports.ledger.lease(environment);
        looks.push({ ms, state: found?.state });
        return found;
      };
      await put("three", { wait: true }, { ...ports, ledger: { ...ports.ledger, lease: looking } });
      const dead = looks.filter(({ state }) => state !== "alive");
      // Replies tell whole seconds, and between two looks lie 0.2 s at least.
      expect(dead[0]?.ms).toBeLessThanOrEqual(13_000);
      expect(Math.max(...looks.filter(({ state }) => state === "alive").map(({ ms }) => ms))).toBeLessThan(12_000);
      // The first one ends the wait, and the other is that of the deployment itself.
      expect(dead).toHaveLength(2);
    },
  );

  test("is not taken over as long as a host is at work for it", async () => {
    await killed(60_000);
    fleet.hosts[1]!.change = () => ({ busy: true });
    await expect(back()).rejects.toMatchObject({ message: expect.stringContaining("i-00000000000000002 is at work") });
  });

  test("is taken over by a rollback as well", async () => {
    await killed(20_000);
    expect(await back()).toMatchObject({ outcome: "deployed", number: 4 });
  });
});

describe("a lease that cannot be", () => {
  test.each([
    ["taken", () => put("three")],
    ["taken, by a rollback", () => back()],
  ])("%s stops nobody", async (_, run) => {
    fleet.ssm.fail("PutParameter", refused);
    expect(await run()).toMatchObject({ outcome: "deployed", number: 3 });
    expect(fleet.warnings).toContainEqual(expect.stringMatching(/^going on without a lease.*denies/));
  });

  test("renewed stops nobody, and is said once", async () => {
    const fail = (): void => fleet.ssm.fail("PutParameter", refused);
    fleet.hosts[0]!.behaviours.push({
      get until(): Promise<void> {
        return new Promise((resolve) => setTimeout(resolve, 100));
      },
    });
    const ports = {
      ...fleet.freshPorts(),
      pulse: beats(() => new Promise((go) => setTimeout(go, 20)).then(fail), fail),
    };
    await put("three", {}, ports).catch(() => undefined);
    expect(fleet.warnings.filter((text) => text.includes("cannot be renewed"))).toHaveLength(1);
  });

  test("kept, since somebody has broken it, is told, and nobody is stopped", async () => {
    const broken = (): void => void fleet.ssm.parameters.store.delete(name);
    expect(await put("three", {}, { ...fleet.freshPorts(), pulse: beats(broken) })).toMatchObject({ number: 3 });
    expect(fleet.warnings).toEqual([expect.stringContaining("the lease of prod is gone")]);
    expect(await lease()).toBeUndefined();
  });

  test("kept, since somebody goes over it, is left to them", async () => {
    const { store } = fleet.ssm.parameters;
    const other = (): void => void store.set(name, store.get(name)!.replace(/"nonce":"\w+"/, '"nonce":"another"'));
    await put("three", {}, { ...fleet.freshPorts(), pulse: beats(other) });
    expect(fleet.warnings).toEqual([expect.stringContaining("goes over deployment 3")]);
    expect(await lease()).toMatchObject({ nonce: "another" });
  });
});

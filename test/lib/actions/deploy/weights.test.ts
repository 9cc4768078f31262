import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { converge } from "../../../../src/lib/actions/converge/run.ts";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import type { Deployment } from "../../../../src/lib/ledger/ledger.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(3);
  for (const word of ["one", "two", "three"]) fleet.publish(word, true, word, true);
  await put("one", { pace: {} });
  for (const host of fleet.hosts) host.seen.length = 0;
});
afterEach(() => fleet.close());

const weights = [5, 25, 100];
const options = { environment: "prod", dryRun: false, force: false, supersede: undefined, pace: { weights } };
const put = (word: string, change: Partial<DeployOptions> = {}, ports = fleet.freshPorts()): Promise<RolloutResult> =>
  deploy({ ...options, release: sha(word), ...change }, ports);
const goOn = (change: Partial<DeployOptions>): Promise<RolloutResult> =>
  deploy({ ...options, release: undefined, pace: {}, ...change }, fleet.freshPorts());
const approve = (step: number): Promise<RolloutResult> => goOn({ approves: step });
const resume = (): Promise<RolloutResult> => goOn({ resume: true });
const orders = (): string[][] => fleet.hosts.map(({ seen }) => seen.filter((one) => one !== "status"));
const sends = (): number[] => fleet.hosts.map((host) => host.weights.sends);
const latest = async (): Promise<Deployment | undefined> =>
  (await fleet.ports().ledger.deploymentLog("prod")).deployments[0];
const prod = async () => (await status({ environment: "prod" }, fleet.freshPorts())).environments[0];
const seldom = (perLook = 1): void => fleet.hosts.forEach((host) => (host.weights.perLook = perLook));

test("each part on every host before the next, compared in between; then the switch, host after host", async () => {
  const deployed = await put("two");
  expect(deployed).toMatchObject({
    outcome: "deployed",
    number: 2,
    weights,
    rounds: [["i-00000000000000001"], [expect.any(String)], [expect.any(String)]],
  });
  expect(deployed.weighed).toMatchObject([
    { step: 1, weight: 5, verdict: "as-good", new: { failed: 0, p90Ms: 8 } },
    { step: 2, weight: 25, verdict: "as-good" },
  ]);
  expect(orders()).toEqual([
    ["weigh 2 5% migrate", "weigh 2 25%", "deploy 2"],
    ...[1, 2].map(() => [
      "weigh 2 5% without celery-beat",
      "weigh 2 25% without celery-beat",
      "deploy 2 without celery-beat",
    ]),
  ]);
  expect({ sends: sends(), runs: fleet.revisions("two") }).toEqual({ sends: [0, 0, 0], runs: ["two", "two", "two"] });
  expect(await latest()).toMatchObject({
    intent: { weights: { steps: weights, from: 1 } },
    outcome: { result: "succeeded", weighed: [{ step: 1 }, { step: 2, old: { failed: 0 } }] },
  });
});

describe("worse: all requests go back at once, on every host", () => {
  const faults = [
    { name: "2 % of its answers fail", answers: { failing: 0.02, ms: 8 }, says: "fails more often" },
    {
      name: "it is slow",
      answers: { failing: 0, ms: 384 },
      says: "is slower: 100 % of its answers took more than 28 ms",
    },
  ];
  test.each(faults)("$name", async ({ answers, says }) => {
    // On one host of three, that is enough.
    for (const host of fleet.hosts) host.weights.new = answers;
    await expect(put("two")).rejects.toMatchObject({
      code: "ROLLED_BACK",
      exitCode: 5,
      message: expect.stringContaining(says),
      details: expect.arrayContaining([expect.stringContaining("step 1, 5 %:")]),
      deployment: {
        weighed: [{ step: 1, weight: 5, verdict: "worse", old: { failed: 0 }, new: { requests: expect.any(Number) } }],
      },
    });
    expect({ sends: sends(), runs: fleet.revisions("one") }).toEqual({ sends: [0, 0, 0], runs: ["one", "one", "one"] });
    expect(orders().map((all) => all.at(-1))).toEqual([
      "restore 2",
      "restore 2 without celery-beat",
      "restore 2 without celery-beat",
    ]);
    expect(await latest()).toMatchObject({ outcome: { result: "rolled-back", weighed: [{ verdict: "worse" }] } });
    expect(await prod()).toMatchObject({ outcome: "as-deployed", weighed: null });
  });

  test("a host that fails at a later step takes all back, those too that were not told yet", async () => {
    fleet.hosts[1]!.behaviours.push({}, { code: 15, serves: "old" });
    await expect(put("two")).rejects.toMatchObject({ code: "ROLLED_BACK" });
    expect({ sends: sends(), runs: fleet.revisions("one") }).toEqual({ sends: [0, 0, 0], runs: ["one", "one", "one"] });
  });
});

describe("too few ask", () => {
  let paused: unknown;
  beforeEach(async () => {
    seldom();
    paused = await put("two").catch((error: unknown) => error);
  });

  test("it pauses where it is, which is no fault, and status says what it waits for", async () => {
    expect(paused).toMatchObject({
      code: "STEP_PAUSED",
      exitCode: 6,
      message: expect.stringMatching(
        /waits: its slot cannot be judged: the new slot has given \d+ of the 300 answers that it takes; (at this pace|and nobody asks)/,
      ),
      next: [
        "threads deploy -e prod --continue 2",
        "threads deploy -e prod --resume",
        "threads rollback -e prod",
        "threads status -e prod",
      ],
    });
    expect(sends()).toEqual([5, 5, 5]);
    expect(await latest()).toMatchObject({
      outcome: { result: "paused", hosts: [{ state: "both" }, { state: "both" }, { state: "both" }] },
    });
    expect(await prod()).toMatchObject({
      outcome: "under-way",
      problems: [],
      release: { revision: sha("one") },
      weighed: {
        number: 2,
        revision: sha("two"),
        steps: weights,
        step: 1,
        weight: 5,
        waitsFor: expect.stringContaining("of the 300 answers"),
        next: "threads deploy -e prod --continue 2",
        new: { failed: 0 },
      },
    });
  });

  test("approved by its index it goes on; a second time is harmless, and a wrong index is told the right one", async () => {
    await expect(approve(3)).rejects.toMatchObject({
      code: "WEIGHTS_STEP",
      exitCode: 3,
      message: "deployment 2 of prod waits for step 2 of 5,25,100, and not for step 3",
      next: ["threads deploy -e prod --continue 2", "threads status -e prod"],
    });
    expect(await approve(1)).toMatchObject({ outcome: "behind", next: ["threads deploy -e prod --continue 2"] });
    await expect(approve(2)).rejects.toMatchObject({
      code: "STEP_PAUSED",
      next: expect.arrayContaining(["threads deploy -e prod --continue 3"]),
    });
    expect(sends()).toEqual([25, 25, 25]);
    expect(await latest()).toMatchObject({ intent: { number: 3, weights: { from: 2 } } });
    expect(await approve(2)).toMatchObject({
      outcome: "behind",
      advice: [
        expect.stringContaining(
          "step 2 is already behind: step 2 of 5,25,100 is the last that was begun (deployment 3 by ada on laptop)",
        ),
      ],
    });
    expect(await approve(3)).toMatchObject({ outcome: "deployed", number: 4 });
    expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
    expect(await approve(3)).toMatchObject({ outcome: "behind", number: 4, next: [] });
    expect(orders()[0]).toEqual(["weigh 2 5% migrate", "weigh 3 25%", "deploy 4"]);
  });

  test("--resume watches the same step on, and goes on by itself once enough have asked", async () => {
    seldom(4_000);
    expect(await resume()).toMatchObject({ outcome: "deployed", weighed: [{ step: 1 }, { step: 2 }] });
    expect(orders()[0]).toEqual(["weigh 2 5% migrate", "weigh 3 5%", "weigh 3 25%", "deploy 3"]);
  });

  test("a rollback, a deployment of another release and converge send every request back", async () => {
    expect(
      await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts()),
    ).toMatchObject({
      outcome: "deployed",
      release: { revision: sha("one") },
    });
    expect({ sends: sends(), runs: fleet.revisions("one") }).toEqual({ sends: [0, 0, 0], runs: ["one", "one", "one"] });
    await expect(approve(2)).rejects.toMatchObject({
      code: "WEIGHTS_STEP",
      message: expect.stringContaining("has no steps"),
    });
  });

  test("converge too: a host with a part of another release does not run what the ledger says alone", async () => {
    await converge({ environment: "prod", host: undefined, dryRun: false, supersede: undefined }, fleet.freshPorts());
    expect(sends()).toEqual([0, 0, 0]);
    expect(await prod()).toMatchObject({ outcome: "as-deployed", weighed: null });
  });

  test("all requests at once, where somebody deploys it without weights", async () => {
    expect(await put("two", { pace: { weights: [100] } })).toMatchObject({ outcome: "deployed", weights: null });
    expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
  });

  test("a host that was started anew serves the old one alone: that is a fault, and is told with its way on", async () => {
    fleet.hosts[1]!.weights.sends = 0;
    const seen = await prod();
    expect(seen).toMatchObject({
      outcome: "not-as-deployed",
      problems: [expect.stringContaining("sends 0 % of its requests")],
      next: ["threads deploy -e prod --continue 2"],
    });
  });
});

test("an edge that does not tell, or sends another part there, says nothing of a step", async () => {
  fleet.hosts[2]!.weights.tells = false;
  await expect(put("two")).rejects.toMatchObject({
    code: "STEP_PAUSED",
    message: expect.stringContaining("the edge of i-00000000000000003 was started anew"),
  });
});

describe("refused by name, before anything is touched", () => {
  /** What it ends with. */
  const end = (word: string): Promise<unknown> => put(word).catch((error: unknown) => error);
  const unfit = (word: string, says: string): object => ({
    code: "WEIGHTS_UNFIT",
    exitCode: 3,
    message: expect.stringContaining(says),
    next: expect.arrayContaining([`threads deploy -e prod ${sha(word)} --weights 100`]),
  });

  test("a release without slots", async () => {
    fleet.publish("four", true, "four", false);
    expect(await end("four")).toMatchObject(unfit("four", "it has no slots (strategy recreate)"));
    expect(orders()).toEqual([[], [], []]);
  });

  test("a host that runs nothing in a slot", async () => {
    fleet.hosts[2]!.current = undefined;
    const says = "i-00000000000000003 is without a release in a slot";
    expect(await end("two")).toMatchObject(unfit("two", says));
    expect(orders()).toEqual([[], [], []]);
  });

  test("a migration behind which what serves cannot run", async () => {
    fleet.migrations.set("one", []);
    fleet.migrations.set("four", [{ name: "0004_drop", kind: "contract" }]);
    for (const word of ["one", "four"]) fleet.publish(word, true, word, true);
    await put("one", { pace: {}, force: true });
    for (const host of fleet.hosts) host.seen.length = 0;
    expect(await end("four")).toMatchObject(unfit("four", "what serves cannot run behind 0004_drop, which contracts"));
    expect(orders()).toEqual([[], [], []]);
  });

  test("services of which nobody has said whether they take work from a queue", async () => {
    const config = fleet.config();
    const { workers: _, ...runtime } = config.runtime;
    const ports = rewired(fleet.freshPorts(), { config: { ...config, runtime } });
    await expect(put("two", {}, ports)).rejects.toMatchObject({
      code: "WEIGHTS_UNFIT",
      message: expect.stringContaining("runtime.workers"),
    });
  });
});

test("the plan shows the steps, and touches nothing", async () => {
  const { steps } = await put("two", { dryRun: true });
  expect(steps.slice(0, 3)).toEqual([
    `step 1: after migrate on the first, 5 % of each host's requests go to ${sha("two").slice(0, 12)}; both slots are compared by failures and time: worse goes back, too few answers wait for --continue 2`,
    expect.stringContaining("step 2: 25 %"),
    "step 3: all requests, host after host",
  ]);
  expect(orders()).toEqual([[], [], []]);
});

test("Ctrl-C while a step is watched leaves the parts as they are, and --resume goes on", async () => {
  seldom();
  const ports = fleet.ports();
  let looks = 0;
  fleet.hosts[0]!.onStatus = () => {
    if (fleet.hosts[0]!.weights.sends > 0 && ++looks === 2) fleet.press();
  };
  await expect(put("two", {}, ports)).rejects.toMatchObject({
    code: "INTERRUPTED",
    next: expect.arrayContaining(["threads deploy -e prod --resume"]),
  });
  expect({ sends: sends(), result: (await latest())?.outcome?.result }).toEqual({
    sends: [5, 5, 5],
    result: "interrupted",
  });
  fleet.hosts[0]!.onStatus = undefined;
  seldom(4_000);
  expect(await resume()).toMatchObject({ outcome: "deployed" });
});

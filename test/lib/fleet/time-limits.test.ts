import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RolloutPorts } from "../../../src/lib/fleet/ports.ts";
import { rollOut } from "../../../src/lib/fleet/rollout.ts";
import { rolloutMs } from "../../../src/lib/fleet/time-limits.ts";
import type { RolloutPlan } from "../../../src/lib/fleet/rollout-plan.ts";
import type { Intent, Ledger, DeploymentOutcome } from "../../../src/lib/ledger/ledger.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import type { HostRun, Remote, SentCommand } from "../../../src/lib/remote/remote.ts";
import { settledWithinMs } from "../../../src/lib/remote/send.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { aftermathMs } from "../../../src/lib/hosts/time-limits.ts";
import { openTargets } from "../../../src/lib/wire/targets.ts";
import { withoutPulse } from "../../fakes/hurried-clock.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

/** What a script comes to, and how much it takes of the time that SSM and we may take at most. */
interface Luck {
  readonly end: "ok" | "failed" | "killed" | "refused" | "never";
  readonly takes: number;
}

interface Given {
  readonly at: number;
  readonly action: string;
  readonly host: string;
}

/** SSM and its hosts in no time: a command ends after a part of what it may take, and the clock is set to that. */
class Timeless {
  now = Date.parse("2026-11-22T10:00:00Z");
  readonly given: Given[] = [];
  readonly ended: number[] = [];
  intent: Intent | undefined;
  outcome: DeploymentOutcome | undefined;
  readonly #luck: readonly Luck[];
  readonly #runs = new Map<string, { run: HostRun; at: number }>();

  constructor(luck: readonly Luck[]) {
    this.#luck = luck;
  }

  readonly remote: Remote = {
    hosts: () => Promise.resolve([]),
    registered: () => Promise.resolve([]),
    check: () => Promise.resolve(),
    cancel: () => Promise.resolve(),
    send: ({ script, hosts, environment, executionMs }): Promise<SentCommand> => {
      const value = (key: string): string => String(script.assignments[key] ?? "");
      const action = value("ACTION") || "status";
      const id = String(this.given.length + 1);
      const deadline = this.now + settledWithinMs(executionMs);
      for (const host of hosts) {
        const { end, takes } = this.#luck[this.given.length % this.#luck.length] ?? { end: "ok", takes: 0 };
        this.given.push({ at: this.now, action, host });
        const line = {
          threads: 1,
          action,
          number: Number(value("NUMBER")),
          nonce: value("NONCE"),
          ok: end === "ok",
          code: end === "ok" ? 0 : 15,
          now: (action === "deploy") === (end === "ok") ? "new" : "old",
        };
        const word = end === "ok" || end === "failed";
        const run: HostRun = {
          host,
          end: end === "never" ? "never-ran" : word ? "succeeded" : "unknown",
          status: end,
          exitCode: 0,
          stdout: word ? JSON.stringify(line) : "",
          stderr: "",
        };
        this.#runs.set(`${id} ${host}`, { run, at: this.now + (deadline - this.now) * takes });
      }
      return Promise.resolve({ id, environment, hosts, sentAt: this.now, deadline });
    },
    wait: async ({ id, hosts }) => {
      const runs = hosts.map((host) => this.#runs.get(`${id} ${host}`)!);
      // Whatever was sent at the same time has been sent by then.
      await new Promise((resolve) => setImmediate(resolve));
      this.now = Math.max(this.now, ...runs.map(({ at }) => at));
      this.ended.push(this.now);
      return runs.map(({ run }) => run);
    },
  };

  readonly ledger = {
    begin: (_: string, number: number, draft: object) => {
      this.intent = { schema: 1, number, nonce: "n", ...draft } as Intent;
      return Promise.resolve(this.intent);
    },
    finish: (_: string, outcome: DeploymentOutcome) => {
      this.outcome = outcome;
      return Promise.resolve();
    },
    frozen: () => Promise.resolve(undefined),
    takeLease: () => Promise.resolve({ own: {} }),
    endLease: () => Promise.resolve(),
  } as unknown as Ledger;
}

/** What a rollout in it needs. */
function portsOf(world: Timeless, warnings: string[] = [], remote = world.remote): RolloutPorts {
  const never = new AbortController().signal;
  const shared = {
    config: new Fleet().config({ services: ["web"] }),
    clock: { now: () => world.now, sleep: () => Promise.resolve() },
    progress: { ...silentProgress, warn: (text: string) => void warnings.push(text) },
    detach: never,
  };
  return {
    ...shared,
    targetOf: openTargets({ ...shared, registryHost: "r", remote, cancelNow: never }),
    ledger: world.ledger,
    author: { user: "ada", host: "laptop" },
    signal: never,
    pulse: withoutPulse,
  };
}

const luck = fc.record({
  end: fc.constantFrom<Luck["end"]>("ok", "ok", "ok", "failed", "killed", "never"),
  takes: fc.double({ min: 0, max: 1, noNaN: true }),
});

function planOf(hosts: number, timeoutMs: number): RolloutPlan {
  const config = new Fleet().config();
  const pin = (word: string) => ({ repository: word, digest: digestOf(word) });
  const planned = Array.from({ length: hosts }, (_, n) => ({
    id: `i-${n}`,
    name: `i-${n}`,
    before: undefined,
    stays: false,
    hasGap: true,
    makesRoom: undefined,
    strangers: [],
  }));
  return {
    kind: "deploy",
    environment: { ...config.environments["prod"]!, timeoutMs },
    number: 7,
    release: { revision: sha("one"), tree: sha("tree"), bundle: pin("bundle"), images: { web: pin("web") } },
    hosts: planned,
    rounds: planned.map((host) => [host]),
    observeMs: 0,
    weights: undefined,
    noReturn: [],
    bringsNew: true,
    leftOut: [],
    twice: [],
    liftsHold: undefined,
    finish: "",
    migrate: undefined,
    rollbackOf: undefined,
    supersedes: undefined,
    goesOnWith: [],
    knownPauses: { steps: new Map(), begun: 1 },
    continues: undefined,
    reason: undefined,
    staying: [],
    running: false,
    undo: undefined,
    onwards: [],
    steps: [],
    migrations: undefined,
    current: undefined,
    usual: {},
    again: "threads deploy -e prod one",
  };
}

test("no order is given after the recorded deadline, and none that is needed is left out for want of time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 60_000, max: 7_200_000 }),
      fc.array(luck, { minLength: 1, maxLength: 40 }),
      async (hosts, timeoutMs, fortunes) => {
        const world = new Timeless(fortunes);
        const warnings: string[] = [];
        await rollOut(planOf(hosts, timeoutMs), portsOf(world, warnings)).catch((error: unknown) => error);
        const deadline = Date.parse(world.intent!.deadline);
        for (const { at } of world.given) expect(at).toBeLessThanOrEqual(deadline);
        for (const at of world.ended) expect(at).toBeLessThanOrEqual(deadline);
        expect(warnings).toEqual([]);
        // Each host that was begun and did not say that it is back by itself was told to go back, where one failed.
        if (world.outcome?.result === "succeeded") return;
        for (const { id } of world.outcome!.hosts.filter(({ state }) => state === "new" || state === "unknown"))
          expect(world.given.some(({ action, host }) => action === "restore" && host === id)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test("all hosts are told to go back at once", async () => {
  const world = new Timeless([
    ...Array.from({ length: 3 }, () => ({ end: "ok", takes: 0.1 }) as const),
    { end: "failed", takes: 0.1 },
  ]);
  await expect(rollOut(planOf(4, 900_000), portsOf(world))).rejects.toMatchObject({ code: "ROLLED_BACK" });
  const restores = world.given.filter(({ action }) => action === "restore");
  expect(restores.map(({ host }) => host)).toEqual(["i-2", "i-1", "i-0"]);
  expect(new Set(restores.map(({ at }) => at)).size).toBe(1);
});

test("no host is begun after the environment's time-out, and those before it go back", async () => {
  const world = new Timeless([{ end: "ok", takes: 1 }]);
  const ended = rollOut(planOf(3, 900_000), portsOf(world));
  await expect(ended).rejects.toMatchObject({
    exitCode: 5,
    code: "ROLLED_BACK",
    message: expect.stringContaining("time"),
  });
  expect(world.given.map(({ action, host }) => `${action} ${host}`)).toEqual(["deploy i-0", "restore i-0"]);
});

test("a machine that slept through the deadline gives no order any more", async () => {
  const world = new Timeless([
    { end: "ok", takes: 0.1 },
    { end: "failed", takes: 1 },
  ]);
  const warnings: string[] = [];
  const sleeping: Remote = {
    ...world.remote,
    wait: async (command) => {
      const runs = await world.remote.wait(command);
      if (command.id === "2") world.now += rolloutMs(900_000, { aftermathMs });
      return runs;
    },
  };
  const ended = rollOut(planOf(3, 900_000), portsOf(world, warnings, sleeping));
  await expect(ended).rejects.toMatchObject({ exitCode: 6, code: "HOSTS_DIFFER" });
  expect(world.given.map(({ action }) => action)).toEqual(["deploy", "deploy"]);
  expect(warnings).toEqual(["no time is left to bring the hosts back"]);
});

test("a target that would take no order is told before the lease: the ledger is asked for nothing", async () => {
  const world = new Timeless([]);
  const why = new Error("no document");
  const ports = portsOf(world, [], { ...world.remote, check: () => Promise.reject(why) });
  await expect(rollOut(planOf(1, 900_000), { ...ports, ledger: {} as Ledger })).rejects.toBe(why);
  expect(world.given).toEqual([]);
});

import { array, assert, boolean, integer, oneof, property } from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../src/lib/actions/deploy/run.ts";
import { parseShare, parseSpan, type Share } from "../../../src/lib/config/pace.ts";
import { plainPaint } from "../../../src/lib/output/paint.ts";
import { rolloutRenderer } from "../../../src/lib/output/render/rollout.ts";
import type { RolloutResult } from "../../../src/lib/fleet/result.ts";
import type { PlannedHost } from "../../../src/lib/fleet/rollout-plan.ts";
import { roundsOf } from "../../../src/lib/fleet/rounds.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

function hostsOf(gaps: readonly boolean[]): PlannedHost[] {
  return gaps.map((hasGap, n) => {
    const id = `i-${n}`;
    return { id, name: id, before: undefined, stays: false, hasGap, makesRoom: undefined, strangers: [] };
  });
}

const sizes = (gaps: readonly boolean[], batch: Share, maxUnavailable?: Share): number[] =>
  roundsOf("deploy", hostsOf(gaps), { observeMs: 0, batch, maxUnavailable, weights: undefined }).map(
    (round) => round.length,
  );
const eight = Array.from({ length: 8 }, () => true);

test.each<[Share, Share | undefined, number[]]>([
  [{ hosts: 1 }, undefined, [1, 1, 1, 1, 1, 1, 1, 1]],
  [{ hosts: 3 }, undefined, [1, 3, 3, 1]],
  [{ percent: 25 }, undefined, [1, 2, 2, 2, 1]],
  [{ percent: 1 }, undefined, [1, 1, 1, 1, 1, 1, 1, 1]],
  [{ percent: 100 }, undefined, [1, 7]],
  [{ hosts: 99 }, undefined, [1, 7]],
  [{ hosts: 4 }, { hosts: 2 }, [1, 2, 2, 2, 1]],
  [{ hosts: 4 }, { percent: 50 }, [1, 4, 3]],
])("eight hosts, a batch of %j, unavailable %j", (batch, most, expected) => {
  expect(sizes(eight, batch, most)).toEqual(expected);
});

test("hosts in slots do not count against what may be unavailable", () => {
  expect(sizes([true, false, true, false, true, false], { hosts: 3 }, { hosts: 1 })).toEqual([1, 3, 2]);
});

test("every host has one turn, the first alone, and no bound is broken", () => {
  const share = oneof(
    integer({ min: 1, max: 40 }).map((hosts) => ({ hosts })),
    integer({ min: 1, max: 100 }).map((percent) => ({ percent })),
  );
  assert(
    property(array(boolean(), { minLength: 1, maxLength: 30 }), share, share, (gaps, batch, most) => {
      const hosts = hostsOf(gaps);
      const rounds = roundsOf("deploy", hosts, { observeMs: 0, batch, maxUnavailable: most, weights: undefined });
      expect(rounds.flat()).toEqual(hosts);
      expect(rounds[0]).toHaveLength(1);
      const bound = "hosts" in most ? most.hosts : Math.max(1, (hosts.length * most.percent) / 100);
      for (const round of rounds)
        expect(round.filter(({ hasGap }) => hasGap).length).toBeLessThanOrEqual(Math.max(1, bound));
    }),
  );
});

test.each(["0", "0%", "101%", "-1", "1.5", "", "three", "25 %", "1e3"])("%j is no share", (text) => {
  expect(parseShare(text)).toBeUndefined();
});

test.each([
  ["30", 30_000],
  ["30s", 30_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["0s", 0],
  ["5 m", undefined],
  ["1d", undefined],
  ["", undefined],
])("%j as a time is %j ms", (text, ms) => {
  expect(parseSpan(text)).toBe(ms);
});

describe("a deployment", () => {
  let fleet: Fleet;
  beforeEach(async () => {
    fleet = await Fleet.open(4);
    fleet.publish("one");
    fleet.publish("two");
    await run({ release: sha("one") });
  });
  afterEach(() => fleet.close());
  const options = { environment: "prod", release: undefined, dryRun: false, force: false, supersede: undefined };
  const run = (change: Partial<DeployOptions> = {}): Promise<RolloutResult> =>
    deploy({ ...options, ...change }, fleet.ports());
  const id = (index: number): string => fleet.hosts[index]!.id;

  test("plans its rounds as it walks them", async () => {
    const pace = { batch: { hosts: 2 } };
    const planned = await run({ release: sha("two"), dryRun: true, pace });
    expect(planned.rounds).toEqual([[id(0)], [id(1), id(2)], [id(3)]]);
    expect(rolloutRenderer({})(planned, plainPaint).join("\n")).toContain(
      `\nRounds:\n  1. ${id(0)}\n  2. ${id(1)} and ${id(2)}\n  3. ${id(3)}\nSteps:\n`,
    );
    expect(planned.next).toEqual([`threads deploy -e prod ${sha("two")} --batch 2`]);
    const together: number[] = [];
    let atWork = 0;
    for (const host of fleet.hosts) {
      const own = host.run.bind(host);
      host.run = async (...args) => {
        if (!args[0].includes("ACTION='deploy'")) return own(...args);
        atWork += 1;
        await new Promise((resolve) => setImmediate(resolve));
        together.push(atWork);
        const reply = await own(...args);
        atWork -= 1;
        return reply;
      };
    }
    await run({ release: sha("two"), pace });
    expect(Math.max(...together)).toBe(2);
    expect(fleet.revisions("two")).toEqual(["two", "two", "two", "two"]);
  });

  test("puts on record when each round began, and what the slowest of it was at", async () => {
    for (const [place, host] of fleet.hosts.entries())
      host.change = () => ({
        timings: [
          ["pull", 100 * (place + 1)],
          ["switch", 7],
        ],
      });
    await run({ release: sha("two"), pace: { batch: { hosts: 2 } } });
    const { outcome } = (await fleet.ports().ledger.deploymentLog("prod")).deployments[0]!;
    expect(outcome?.rounds?.map(({ timings }) => timings["pull"])).toEqual([100, 300, 400]);
    const begun = outcome?.rounds?.map(({ afterMs }) => afterMs) ?? [];
    expect(begun.toSorted((one, other) => one - other)).toEqual(begun);
  });

  test("that fails in a batch takes back all that were switched, in that batch and before it", async () => {
    fleet.hosts[2]!.behaviours.push({ code: 15, serves: "old" });
    await expect(run({ release: sha("two"), pace: { batch: { percent: 50 } } })).rejects.toMatchObject({
      code: "ROLLED_BACK",
    });
    expect(fleet.revisions("one")).toEqual(["one", "one", "one", "one"]);
    expect(fleet.hosts[3]!.seen.filter((one) => one.startsWith("deploy 2"))).toEqual([]);
  });

  test.each([
    [{ batch: { hosts: 5 } }, /--batch 5 is more than prod has: 4 hosts/],
    [{ maxUnavailable: { hosts: 5 } }, /--max-unavailable 5 is more/],
    [{ observeMs: 900_000 }, /--observe 15 min leaves no time/],
  ] as const)("refuses %j", async (pace, message) => {
    await expect(run({ release: sha("two"), pace })).rejects.toMatchObject({
      code: "PACE_UNFIT",
      exitCode: 2,
      message: expect.stringMatching(message),
      // Never what was just typed.
      next: [`threads deploy -e prod ${sha("two")}`, `threads deploy -e prod ${sha("two")} --dry-run`],
    });
    expect(fleet.revisions("one")).toEqual(["one", "one", "one", "one"]);
  });

  describe("that watches its first host", () => {
    const watched = { release: sha("two"), pace: { observeMs: 30_000 } };

    test("goes on where it stays well, and says so before", async () => {
      expect((await run({ ...watched, dryRun: true })).steps).toContain(`watch ${id(0)} for 30 s`);
      const began = fleet.clock.now();
      await run(watched);
      expect(fleet.clock.now() - began).toBeGreaterThanOrEqual(30_000);
      expect(fleet.revisions("two")).toEqual(["two", "two", "two", "two"]);
    });

    test.each([
      [
        "a container falls ill",
        (fleet: Fleet) => (fleet.hosts[0]!.containers[0]!.health = "unhealthy"),
        /web is unhealthy/,
      ],
      [
        "a container restarts",
        (fleet: Fleet) => (fleet.hosts[0]!.containers[0]!.restarts = 1),
        /has restarted 1 container/,
      ],
      [
        "it falls silent",
        (fleet: Fleet) => (fleet.hosts[0]!.change = () => ({ containers: null })),
        /docker does not answer/,
      ],
    ])("fails and goes back where %s", async (_, strike, says) => {
      let looks = 0;
      fleet.hosts[0]!.onDeploy = () => {
        fleet.hosts[0]!.onStatus = () => {
          looks += 1;
          if (looks === 3) strike(fleet);
        };
        fleet.hosts[0]!.onRestore = () => (fleet.hosts[0]!.change = () => ({}));
      };
      await expect(run(watched)).rejects.toMatchObject({ code: "ROLLED_BACK", message: expect.stringMatching(says) });
      expect(fleet.revisions("one")).toEqual(["one", "one", "one", "one"]);
      expect(fleet.hosts[1]!.seen.filter((one) => one.startsWith("deploy 2"))).toEqual([]);
    });

    test("is ended at once by Ctrl-C", async () => {
      fleet.hosts[0]!.onDeploy = () => (fleet.hosts[0]!.onStatus = () => fleet.press());
      await expect(run(watched)).rejects.toMatchObject({ code: "INTERRUPTED" });
      expect(fleet.revisions("one", "two")).toEqual(["two", "one", "one", "one"]);
    });
  });
});

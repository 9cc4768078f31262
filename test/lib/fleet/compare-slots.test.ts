import { array, assert, constantFrom, integer, property, record, tuple, uniqueArray } from "fast-check";
import { describe, expect, test } from "vitest";
import { mayDifferAtMost, oddsOfChance } from "../../../src/lib/fleet/chance.ts";
import { addUp, compareSlots, leastAnswers, percentile } from "../../../src/lib/fleet/compare-slots.ts";
import type { SlotCount } from "../../../src/lib/script/slot-counts.ts";

const slot = (requests: number, failed = 0, times: SlotCount["times"] = []): SlotCount => ({
  weight: 50,
  requests,
  failed,
  times,
});
const verdict = (old: SlotCount, now: SlotCount): string => compareSlots({ old, new: now }).verdict;

const requests = integer({ min: 0, max: 20_000 });
const counted = requests.chain((all) => integer({ min: 0, max: all }).map((failed) => slot(all, failed)));
const times = uniqueArray(tuple(constantFrom(1, 8, 16, 48, 128, 512), integer({ min: 1, max: 5_000 })), {
  selector: ([ms]) => ms,
});
const timed = tuple(counted, times).map(([one, all]): SlotCount => ({ ...one, times: all }));

/** How likely each number of failures is among so many requests, of which this part fails. */
function likely(all: number, part: number): readonly number[] {
  const odds = [(1 - part) ** all];
  for (let n = 1; n <= all; n += 1) odds.push(((odds[n - 1] ?? 0) * (all - n + 1) * part) / (n * (1 - part)));
  return odds;
}

/** How likely a verdict is where so many requests come to each slot and this part of them fails. */
function chanceOf(wanted: string, old: readonly [number, number], now: readonly [number, number]): number {
  let sum = 0;
  for (const [one, oddsOne] of likely(...old).entries()) {
    if (oddsOne < 1e-12) continue;
    for (const [other, oddsOther] of likely(...now).entries())
      if (oddsOther > 1e-12 && verdict(slot(old[0], one), slot(now[0], other)) === wanted) sum += oddsOne * oddsOther;
  }
  return sum;
}

describe("whatever was counted", () => {
  test("of two slots one may be worse than the other, and never each than the other", () => {
    assert(
      property(counted, counted, (one, other) => {
        expect([verdict(one, other), verdict(other, one)]).not.toEqual(["worse", "worse"]);
      }),
    );
  });

  test("what answers just as the other is never worse", () => {
    assert(
      property(timed, (one) => {
        expect(verdict(one, one)).not.toBe("worse");
      }),
    );
  });

  test("nothing is as good before each slot has given its answers", () => {
    assert(
      property(timed, timed, (old, now) => {
        const { verdict: found, lacking } = compareSlots({ old, new: now });
        const isEnough = Math.min(old.requests, now.requests) >= leastAnswers;
        expect(found === "as-good" && !isEnough).toBe(false);
        expect(lacking > 0).toBe(found === "inconclusive");
      }),
    );
  });

  test("more failures never make a release that is worse as good, nor slower answers", () => {
    assert(
      property(timed, timed, integer({ min: 1, max: 500 }), (old, now, more) => {
        const before = verdict(old, now);
        const after = verdict(old, { ...now, failed: Math.min(now.requests, now.failed + more) });
        expect([before, after]).not.toEqual(["worse", "as-good"]);
        const slower = { ...now, times: now.times.map(([ms, all]): [number, number] => [ms * 4, all]) };
        expect([before, verdict(old, slower)]).not.toEqual(["worse", "as-good"]);
      }),
    );
  });

  test("hosts together are all that each has counted", () => {
    assert(
      property(array(record({ old: timed, new: timed }), { minLength: 1, maxLength: 5 }), (all) => {
        const sum = addUp(all);
        expect(sum.new.requests).toBe(all.reduce((so, one) => so + one.new.requests, 0));
        const answers = (one: SlotCount): number => one.times.reduce((so, [, n]) => so + n, 0);
        expect(answers(sum.old)).toBe(all.reduce((so, one) => so + answers(one.old), 0));
      }),
    );
  });
});

describe("how often it is wrong, counted out", () => {
  test.each([0.001, 0.02, 0.2])(
    "two that fail alike, %d of all: one is sent back in less than one of 10,000 looks",
    (part) => {
      for (const [old, now] of [
        [950, 50],
        [400, 400],
        [100, 300],
      ] as const)
        expect(chanceOf("worse", [old, part], [now, part])).toBeLessThan(1e-4);
    },
  );

  test("a release of which 2 % fail is not as good, however many have asked", () => {
    for (const now of [300, 400, 600, 1000]) expect(chanceOf("as-good", [1000, 0], [now, 0.02])).toBeLessThan(0.005);
  });

  test("and is sent back soon: at a quarter of the requests before its thousandth answer, nineteen times of twenty", () => {
    expect(chanceOf("worse", [3000, 0], [1000, 0.02])).toBeGreaterThan(0.95);
  });

  test("one without a failure is as good at once when there are enough", () => {
    expect(verdict(slot(5_700), slot(leastAnswers))).toBe("as-good");
    expect(verdict(slot(5_700), slot(leastAnswers - 1))).toBe("inconclusive");
  });
});

describe("how long it takes", () => {
  const usual: SlotCount["times"] = [
    [8, 700],
    [12, 250],
    [48, 50],
  ];
  test("nine of ten of the old slot's answers say what is usual", () => {
    expect(percentile({ times: usual }, 0.9)).toBe(12);
    expect(percentile({ times: [] }, 0.9)).toBeUndefined();
  });

  test("a tenth of its answers that take long is enough; one step of the scale is none", () => {
    expect(
      compareSlots({
        old: slot(1000, 0, usual),
        new: slot(1000, 0, [
          [8, 900],
          [384, 100],
        ]),
      }),
    ).toMatchObject({
      verdict: "worse",
      says: "is slower: 10 % of its answers took more than 32 ms, and 5 % of the old slot's",
    });
    expect(
      verdict(
        slot(1000, 0, usual),
        slot(1000, 0, [
          [12, 950],
          [24, 50],
        ]),
      ),
    ).toBe("as-good");
  });

  test("a few slow ones are none yet", () => {
    expect(verdict(slot(1000, 0, usual), slot(40, 0, [[384, 40]]))).toBe("inconclusive");
    expect(verdict(slot(1000, 0, usual), slot(400, 0, [[8, 60]]))).toBe("inconclusive");
  });
});

test("three requests are no sample: it says which slot has how many of how many", () => {
  expect(compareSlots({ old: slot(57), new: slot(3) })).toEqual({
    verdict: "inconclusive",
    says: "cannot be judged: the new slot has given 3 of the 300 answers that it takes",
    lacking: 297,
  });
  expect(compareSlots({ old: slot(9), new: slot(900) })).toMatchObject({
    says: expect.stringContaining("the old slot"),
  });
});

test("all of the first requests failing is no chance", () => {
  expect(verdict(slot(95), slot(5, 5))).toBe("worse");
  expect(verdict(slot(0), slot(5, 5))).toBe("inconclusive");
});

test("Fisher's lady tasting tea, and Wilson's interval, by the book", () => {
  expect(oddsOfChance({ bad: 1, all: 4 }, { bad: 3, all: 4 })).toBeCloseTo(17 / 70, 12);
  expect(oddsOfChance({ bad: 0, all: 4 }, { bad: 4, all: 4 })).toBeCloseTo(1 / 70, 12);
  expect(oddsOfChance({ bad: 5_000, all: 1_000_000 }, { bad: 5_000, all: 1_000_000 })).toBeCloseTo(0.504, 3);
  expect(mayDifferAtMost({ bad: 0, all: 300 }, { bad: 0, all: 300 })).toBeCloseTo(2.706 / 302.706, 4);
  expect(mayDifferAtMost({ bad: 0, all: 0 }, { bad: 0, all: 300 })).toBe(1);
});

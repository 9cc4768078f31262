import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { LoadRequest, Target } from "../../../src/lib/load/load.ts";
import { turnsOf } from "../../../src/lib/load/turns.ts";

const target = (name: string): Target => ({ name, base: "http://127.0.0.1" });
const request = (weight: number): LoadRequest => ({ path: "/", method: "GET", headers: {}, status: 200, weight });

test("three of four go to the one that weighs three, and none waits for all of them", () => {
  const turn = turnsOf({ targets: [target("a")], requests: [request(3), request(1)] });
  expect(Array.from({ length: 8 }, () => turn().request)).toEqual([0, 0, 1, 0, 0, 0, 1, 0]);
});

test("each target gets each request, also where there are as many of one as of the other", () => {
  const turn = turnsOf({ targets: [target("a"), target("b")], requests: [request(1), request(1)] });
  const seen = Array.from({ length: 4 }, () => turn()).map((one) => `${one.target} ${one.request}`);
  expect(seen.toSorted()).toEqual(["0 0", "0 1", "1 0", "1 1"]);
});

test("whatever the weights, a round gives each exactly its share", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 3 }), (all, targets) => {
      const load = {
        targets: Array.from({ length: targets }, (_, n) => target(String(n))),
        requests: all.map(request),
      };
      const turn = turnsOf(load);
      const round = Array.from({ length: all.reduce((one, other) => one + other, 0) * targets }, () => turn());
      const counts = load.targets.map((_, at) =>
        all.map((_, place) => round.filter((one) => one.target === at && one.request === place).length),
      );
      expect(counts).toEqual(load.targets.map(() => all));
    }),
  );
});

import { expect, test } from "vitest";
import { knownPauses, stepAt } from "../../../src/lib/fleet/paused-steps.ts";
import type { Deployment } from "../../../src/lib/ledger/ledger.ts";

/** Newest first; `waits` are hook ids, each with the step that had been begun. */
interface Told {
  readonly continues?: number;
  readonly waits?: Readonly<Record<string, number>>;
}
const chain = (all: readonly Told[]): readonly Deployment[] =>
  all.map(({ continues, waits }) => ({
    intent: continues === undefined ? {} : { continues: { step: continues, hooks: [] } },
    outcome: waits && { pauses: Object.entries(waits).map(([hookId, step]) => ({ hookId, step })) },
  })) as unknown as readonly Deployment[];
const at = (waiting: readonly string[], all: readonly Told[]): number =>
  stepAt(
    waiting.map((hookId) => ({ hookId })),
    knownPauses(chain(all)),
  );

test.each<readonly [string, readonly string[], readonly Told[], number]>([
  ["the first pause that anybody sees", ["a"], [{}], 1],
  ["one that is written down", ["a"], [{ waits: { a: 1 } }], 1],
  ["the next one, of whoever was killed after the approval", ["b"], [{ continues: 2 }, { waits: { a: 1 } }], 2],
  ["one whose approval was not sent", ["a"], [{ continues: 2 }, { waits: { a: 1 } }], 1],
  ["the next one, where somebody has approved by other means", ["b"], [{ waits: { a: 1 } }], 2],
  ["the third, after two approvals", ["c"], [{ continues: 3 }, { continues: 2, waits: { b: 2 } }, {}], 3],
  ["two at once, of which one is new", ["a", "b"], [{ waits: { a: 1 } }], 2],
])("%s is at its step", (_, waiting, all, step) => {
  expect(at(waiting, all)).toBe(step);
});

import type { EnvironmentStatus } from "../fleet/status-result.ts";
import { authorText } from "../ledger/author.ts";
import { shortRevision } from "../release/revision.ts";
import { moment } from "./moment.ts";

type Shown<Part extends "freeze" | "hold" | "weighed"> = NonNullable<EnvironmentStatus[Part]>;

// What stands in the way of an environment, in the sentences of `status` and of the board.

export function frozenText({ reason, by, frozenAt }: Shown<"freeze">, now: number): string {
  return `frozen ${moment(frozenAt, now)} by ${authorText(by)}: ${reason}`;
}

/** Since when and why, and what that means. */
export function heldTexts(hold: Shown<"hold">, now: number): readonly [since: string, means: string] {
  const { number, complete, by, heldAt, from, reason } = hold;
  const of = from === null ? "" : ` from ${shortRevision(from)}`;
  const why = reason === null ? "" : `: ${reason}`;
  const since = complete ? `it was rolled back${of}` : `a rollback${of}, which has not come to every host,`;
  return [
    `held since ${since} ${moment(heldAt, now)} by ${authorText(by)} (#${number})${why}`,
    // HEAD may be the very release that was taken back: which one is well, only a person knows.
    `no other release is deployed to it but with --lift-hold ${number}`,
  ];
}

export function weighedText(weighed: Shown<"weighed">, now: number): string {
  const { number, revision, steps, step, weight, sinceAt, waitsFor } = weighed;
  const since = sinceAt === null ? "" : ` since ${moment(sinceAt, now)}`;
  const waits = waitsFor === null ? "" : `, waiting for a person: the new release ${waitsFor}`;
  // On ECS nobody knows how many there will be.
  const of = steps.length === 0 ? "" : ` of ${steps.join(", ")}`;
  return `${weight} % on ${shortRevision(revision)}${since} (#${number}, step ${step}${of})${waits}`;
}

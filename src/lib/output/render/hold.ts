import type { RolloutResult } from "../../fleet/result.ts";
import type { Paint } from "../paint.ts";

/** Whoever has gone back must know that nothing comes by itself from now on, and what lets it. */
export function holdLines(result: RolloutResult, paint: Paint): string[] {
  const { outcome, environment } = result;
  const isPlan = outcome === "planned";
  const { holds, lifts } = holdTexts(result);
  if (holds !== undefined) return [paint.warn(`  ${isPlan ? "would hold" : "holds"} ${environment}: ${holds}`)];
  return lifts === undefined ? [] : [paint.warn(`  ${isPlan ? "would lift" : "lifted"} ${lifts}`)];
}

/** What it holds or lifts, in words: undefined where it does not. */
export function holdTexts({ holds, liftsHold, number }: RolloutResult): {
  readonly holds: string | undefined;
  readonly lifts: string | undefined;
} {
  const flag = number === null ? "--lift-hold and its number" : `--lift-hold ${number}`;
  return {
    holds: holds ? `no other release is deployed to it but with ${flag}` : undefined,
    lifts: liftsHold === null ? undefined : `the hold of rollback ${liftsHold}`,
  };
}

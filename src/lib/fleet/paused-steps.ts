import type { Deployment, PausedStep } from "../ledger/ledger.ts";
import type { Standing } from "../ledger/standing.ts";
import type { Digest } from "../image/digest.ts";
import type { Pause } from "../script/pause.ts";

/** What a person lets go on: the step that begins with it, from 2 on, and all pauses that are answered, by their hook ids. */
export interface Continues {
  readonly step: number;
  readonly hooks: readonly string[];
  readonly pauses: readonly Pause[];
}

/** What is on record of the pauses of a release that has not come to its end. */
export interface KnownPauses {
  /** The step that had been begun when it came to a pause, by hook id. */
  readonly steps: ReadonlyMap<string, number>;
  /** The last step that somebody has approved; 1 where nobody has. */
  readonly begun: number;
}

/** Deployments of a release that have not come to their end, newest first. */
export function chainOf({ unsettled, unsettledBefore }: Standing, bundle: Digest): readonly Deployment[] {
  const all = unsettled === undefined ? [] : [unsettled, ...unsettledBefore];
  return all.filter(({ intent }) => intent.kind === "deploy" && intent.bundle.digest === bundle);
}

export function knownPauses(chain: readonly Deployment[]): KnownPauses {
  const pauses = chain.flatMap(({ outcome }) => outcome?.pauses ?? []);
  return {
    steps: new Map(pauses.toReversed().map(({ hookId, step }) => [hookId, step])),
    begun: Math.max(1, ...chain.flatMap(({ intent }) => intent.continues?.step ?? [])),
  };
}

/**
 * The step that was begun last, of a release that waits at these pauses: a pause that nobody has written down is behind all that
 * somebody has, whoever has let it go on.
 */
export function stepAt(waiting: readonly Pick<Pause, "hookId">[], { steps, begun }: KnownPauses): number {
  const next = Math.max(begun, ...[...steps.values()].map((step) => step + 1));
  return Math.max(1, ...waiting.map(({ hookId }) => steps.get(hookId) ?? next));
}

/** As they are written down. */
export function numbered(
  pauses: readonly Pause[],
  { knownPauses: known, continues }: { readonly knownPauses: KnownPauses; readonly continues: Continues | undefined },
): readonly PausedStep[] {
  const step = stepAt(pauses, { ...known, begun: continues?.step ?? known.begun });
  return pauses.map((pause) => ({ step, ...pause }));
}

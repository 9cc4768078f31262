import type { Freeze } from "../ledger/freeze.ts";
import type { HostOutcome, PausedStep, WeighedStep } from "../ledger/ledger.ts";
import type { PlannedHost, RolloutPlan } from "./rollout-plan.ts";
import type { MemberVerdict } from "./verdict.ts";

/** Why a walk over the hosts stopped before its end. */
export interface Trouble {
  /**
   * interrupted: by a person, at a safe point. left: we were told to go while a host may have been at work. unseen: nobody
   * has seen the end of a host's script. paused: both releases are there, until a person decides.
   */
  readonly cause: "failed" | "superseded" | "interrupted" | "left" | "frozen" | "unseen" | "paused";
  readonly host?: string;
  readonly verdict?: MemberVerdict;
  /** Whether hosts beside it came to no good end. */
  readonly isShared?: boolean;
  readonly freeze?: Freeze;
  /** Contract migrations behind which no host was brought back. */
  readonly noReturn?: readonly string[];
  /** What stopped us from seeing it. */
  readonly error?: unknown;
}

/** A walk that is over. */
export interface Walked {
  readonly plan: RolloutPlan;
  /** As they are after any bringing back. */
  readonly hosts: readonly HostOutcome[];
  /** The steps in which it had a part of the requests. */
  readonly weighed: readonly WeighedStep[];
  /** Where it waits on ECS. */
  readonly pauses: readonly PausedStep[];
  readonly trouble: Trouble | undefined;
}

/** The worst of what became of some hosts: what failed says more than what was told to stop. */
export function troubleOf(hosts: readonly PlannedHost[], verdicts: readonly MemberVerdict[]): Trouble | undefined {
  const isShared = verdicts.filter(({ end }) => end !== "done").length > 1;
  for (const end of ["failed", "superseded", "cancelled", "left", "paused"] as const) {
    const index = verdicts.findIndex((verdict) => verdict.end === end);
    const [host, verdict] = [hosts[index], verdicts[index]];
    if (host !== undefined && verdict !== undefined) return { cause: causes[end], host: host.id, verdict, isShared };
  }
  return undefined;
}

const causes = {
  failed: "failed",
  superseded: "superseded",
  cancelled: "interrupted",
  left: "left",
  paused: "paused",
} as const;

/** Whether a host goes on without us. */
export function isAtWork(trouble: Trouble | undefined): boolean {
  return trouble?.cause === "left" || trouble?.cause === "unseen";
}

/** Whether it has come to the new release, or may have. */
export function isAhead({ state }: HostOutcome): boolean {
  return state === "new" || state === "both" || state === "unknown";
}

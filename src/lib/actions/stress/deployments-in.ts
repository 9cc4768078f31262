import type { DeploymentLog, Round } from "../../ledger/ledger.ts";
import { resultOf } from "../../ledger/standing.ts";
import type { StressDeployment, StressMeasured, StressStep } from "./result.ts";

/** Deployments that were under way while requests were made, oldest first. */
export function deploymentsIn(
  { deployments, serverTime }: Pick<DeploymentLog, "deployments" | "serverTime">,
  { startedAt, tookMs }: Pick<StressMeasured, "startedAt" | "tookMs">,
): readonly StressDeployment[] {
  const from = Date.parse(startedAt);
  return deployments
    .filter((one) => {
      const begun = Date.parse(one.recordedAt ?? one.intent.startedAt);
      const ended = one.endedAt === undefined ? undefined : Date.parse(one.endedAt);
      // Of one that was lost long ago nobody has seen the end.
      const isLost = ended === undefined && begun < from && resultOf(one, serverTime, deployments) !== "running";
      return begun <= from + tookMs && (ended === undefined || ended >= from) && !isLost;
    })
    .map(({ intent: { number, kind, revision, startedAt: begun }, outcome, recordedAt, endedAt }) => {
      const begunAt = recordedAt ?? begun;
      const steps = (outcome?.rounds ?? []).flatMap((round) => stepsOf(round, Date.parse(begunAt)));
      return { number, kind, revision, begunAt, endedAt: endedAt ?? null, steps };
    })
    .toReversed();
}

/** One after the other, as that host took them. */
function stepsOf({ afterMs, timings }: Round, begunMs: number): readonly StressStep[] {
  let at = begunMs + afterMs;
  return Object.entries(timings).map(([step, tookMs]) => {
    const begunAt = new Date(at).toISOString();
    at += tookMs;
    return { step, begunAt, tookMs };
  });
}

import type { Deployment } from "../../ledger/ledger.ts";
import type { Timings } from "../../script/summary.ts";
import type { LastDeployment } from "./result.ts";

/** The newest deployment that went well: what it cost is what a rehearsal is beside. */
export function lastDeployment(newestFirst: readonly Deployment[]): {
  readonly last: LastDeployment | null;
  /** How long the steps took on the host that took longest. */
  readonly timings: Timings;
} {
  const found = newestFirst.find(({ intent, outcome }) => intent.kind === "deploy" && outcome?.result === "succeeded");
  if (found?.outcome === undefined) return { last: null, timings: {} };
  const { intent, outcome, recordedAt, endedAt } = found;
  const traffic = outcome.hosts.flatMap((host) => (host.traffic === undefined ? [] : [host.traffic]));
  const sum = (of: "requests" | "failed"): number | null =>
    traffic.length === 0 ? null : traffic.reduce((all, one) => all + one[of], 0);
  const gaps = traffic.flatMap(({ longestGapMs }) => longestGapMs ?? []);
  const begunAt = recordedAt ?? intent.startedAt;
  const isTimed = recordedAt !== undefined && endedAt !== undefined;
  return {
    last: {
      number: intent.number,
      revision: intent.revision,
      at: begunAt,
      tookMs: isTimed ? Date.parse(endedAt) - Date.parse(recordedAt) : null,
      requests: sum("requests"),
      failed: sum("failed"),
      longestGapMs: gaps.length === 0 ? null : Math.max(...gaps),
    },
    timings: outcome.timings ?? {},
  };
}

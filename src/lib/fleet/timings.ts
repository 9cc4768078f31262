import type { Deployment } from "../ledger/ledger.ts";
import type { Timings } from "../script/summary.ts";
import { median } from "../text/median.ts";

/** How long a step took, and how long it usually does. */
export interface StepTiming {
  readonly step: string;
  /** On the host that took longest. */
  readonly tookMs: number;
  /** Median of the environment's last ones that went well; null where fewer than three of them tell. */
  readonly usualMs: number | null;
}

/** Of each step the longest that a host took. */
export function longestTimings(hosts: readonly Timings[]): Timings {
  const longest: Record<string, number> = {};
  for (const [step, ms] of hosts.flatMap((one) => Object.entries(one)))
    longest[step] = Math.max(longest[step] ?? 0, ms);
  return longest;
}

/** Those of the host that took longest in all: its steps come one after the other. @returns undefined where no host tells */
export function slowestOf(hosts: readonly Timings[]): Timings | undefined {
  const took = (one: Timings): number => Object.values(one).reduce((sum, ms) => sum + ms, 0);
  return hosts.filter((one) => took(one) > 0).toSorted((one, other) => took(other) - took(one))[0];
}

/** Fewer make nothing usual. */
const enough = 3;

/** Of each step the median of those deployments of a kind that succeeded and told; none where there are fewer than three. */
export function usualTimings(deployments: readonly Deployment[], kind: Deployment["intent"]["kind"]): Timings {
  const told = deployments
    .filter(({ intent, outcome }) => intent.kind === kind && outcome?.result === "succeeded")
    .map(({ outcome }) => outcome?.timings ?? {});
  const steps = [...new Set(told.flatMap((one) => Object.keys(one)))];
  const times = steps.map((step) => [step, told.flatMap((one) => one[step] ?? [])] as const);
  return Object.fromEntries(
    times.filter(([, all]) => all.length >= enough).map(([step, all]) => [step, median(all) ?? 0]),
  );
}

/** In the order of the host's script. */
export function compareTimings(now: Timings, usual: Timings): readonly StepTiming[] {
  return Object.entries(now).map(([step, tookMs]) => ({ step, tookMs, usualMs: usual[step] ?? null }));
}

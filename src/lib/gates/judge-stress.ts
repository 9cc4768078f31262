import { budgetText } from "../config/budget.ts";
import { overrun } from "../config/measured.ts";
import type { StressGateConfig } from "../config/config.ts";
import { authorText } from "../ledger/author.ts";
import type { Evidence } from "../ledger/evidence.ts";
import { count, dated, latency, list, span } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { flawOf } from "./judge-smoke.ts";
import { missing, notConfigured, passed, type GateVerdict } from "./verdict.ts";

/** Whether these digests have kept the budget in the environment, under as much load as is asked for. */
export function judgeStress({ environment, published, looks }: GateFacts): GateVerdict {
  const wanted = environment.gates.stress;
  if (wanted === undefined) return notConfigured;
  const where = wanted.environment;
  const again = [stressLine(wanted), `threads deploy -e ${where} ${published.release.revision}`] as const;
  const seen = looks.filter((one) => one.kind === "stress" && one.environment === where);
  const why = (one: Evidence): string | undefined => flawOf(one, { published, wanted: [] }) ?? shortfall(one, wanted);
  const [newest] = seen;
  if (newest === undefined) return missing(`these digests were never under load in ${where}`, ...again);
  const good = seen.find((one) => why(one) === undefined);
  if (good === undefined)
    return missing(`the load of ${where} on record (${dated(newest.at)}) ${why(newest) ?? ""}`, ...again);
  return passed(`${kept(good)} in ${where}, ${dated(good.at)} by ${authorText(good.by)}`);
}

/** Why it is not what the gate asks for, completing "the load on record …". */
function shortfall({ load }: Evidence, { budget, rate, durationMs }: StressGateConfig): string | undefined {
  if (load === undefined) return "does not tell what was measured";
  if (rate !== undefined && load.rate < rate) return `was of ${load.rate} requests a second, and ${rate} are asked for`;
  if (durationMs !== undefined && load.durationMs < durationMs)
    return `lasted ${span(load.durationMs)}, and ${span(durationMs)} are asked for`;
  const over = budget.flatMap((limit) => overrun(limit, load) ?? []);
  return over.length === 0 ? undefined : `does not keep the budget: ${list(over)}`;
}

function kept({ load }: Evidence): string {
  if (load === undefined) return "kept";
  const { requests, errors, p99Ms, rate, durationMs } = load;
  const p99 = p99Ms === null ? "" : `, p99 ${latency(p99Ms)}`;
  return `${count(requests, "request")} at ${rate} a second for ${span(durationMs)}${p99}, ${count(errors, "error")}`;
}

function stressLine({ environment, budget, rate, durationMs }: StressGateConfig): string {
  const flags = [
    ...(rate === undefined ? [] : [`--rate ${rate}`]),
    ...(durationMs === undefined ? [] : [`--duration ${durationMs / 1000}s`]),
    `--budget ${budgetText(budget)}`,
  ];
  return `threads stress -e ${environment} ${flags.join(" ")}`;
}

import { budgetText } from "../../config/budget.ts";
import { overrun } from "../../config/measured.ts";
import type { LoadReport } from "../../load/load.ts";
import type { StressPlan } from "./plan.ts";
import type { StressMeasured } from "./result.ts";

/** Of what was measured, all that the requests themselves tell. */
type Counted = Omit<StressMeasured, "startedAt" | "deployments" | "before" | "stats">;

/** What was counted, in the words of the result: whole, by request and by target, and held to the budget. */
export function judged({ load, budget, asked }: StressPlan, report: LoadReport): Counted {
  const { total, tookMs, errors, seconds, latencies, lateMs } = report;
  const limits = budget.map((limit) => {
    const says = overrun(limit, total);
    return { limit: budgetText([limit]), ok: says === undefined, says: says ?? "" };
  });
  const byRequest = load.requests.flatMap(({ method, path }, place) => {
    const measured = report.requests[place];
    return measured === undefined ? [] : [{ method, path, ...measured }];
  });
  const byTarget = asked.targets.flatMap(({ host }, place) => {
    const measured = report.targets[place];
    return measured === undefined ? [] : [{ host, ...measured }];
  });
  return { total, tookMs, limits, errors, byRequest, byTarget, seconds, latencies, lateMs };
}

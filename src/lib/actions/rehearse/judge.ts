import { budgetText } from "../../config/budget.ts";
import { overrun } from "../../config/measured.ts";
import type { ThreadsError } from "../../errors/threads-error.ts";
import type { LoadReport } from "../../load/load.ts";
import { changeBetween } from "../../release/migrations.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, latency, list, took } from "../../text/words.ts";
import type { RehearsalPlan } from "./plan.ts";
import type { HeldLock, RehearsalMeasured, RehearsalPhase } from "./result.ts";

/** What is judged. */
export interface Counted {
  readonly report: Pick<LoadReport, "total" | "errors">;
  readonly phases: readonly RehearsalPhase[];
  readonly locks: readonly HeldLock[] | null;
  /** Why the candidate did not come up, or not all of it went back. */
  readonly notDeployed: ThreadsError | undefined;
  readonly notRolledBack: ThreadsError | undefined;
}

type Judged = Pick<RehearsalMeasured, "says" | "limits">;
type Limit = Judged["limits"][number];

/** Holds what was counted to the limits, and names the cause where it does not keep them: the first of what went wrong. */
export function judged(plan: RehearsalPlan, counted: Counted): Judged {
  const { report, notDeployed, notRolledBack } = counted;
  const lock = lockLimit(plan, counted);
  const budget = plan.budget.map((limit) => ({ of: limit.of, limit: limitOf(limit, report) }));
  const errors = budget.find(({ of, limit }) => of === "errors" && !limit.ok)?.limit;
  const times = budget.find(({ of, limit }) => of !== "errors" && !limit.ok)?.limit;
  const [from, to] = [plan.from, plan.to].map(({ release }) => shortRevision(release.revision));
  const failsBefore = counted.phases.some((phase) => phase.part === "before" && phase.errors > 0);
  const causes = [
    // Then nothing that comes after it says anything of the candidate.
    errors && failsBefore ? errorsText(plan, counted, errors) : undefined,
    notDeployed && `${to} does not come up: ${notDeployed.message}`,
    lock.ok ? undefined : lock.says,
    errors && errorsText(plan, counted, errors),
    notRolledBack && `${from} does not come back: ${notRolledBack.message}`,
    times && `${times.says}${slowestText(counted.phases)}`,
  ];
  const says = causes.find((cause) => cause !== undefined) ?? "";
  return { says, limits: [...budget.map(({ limit }) => limit), lock] };
}

function limitOf(limit: RehearsalPlan["budget"][number], { total }: Counted["report"]): Limit {
  const says = overrun(limit, total);
  return { limit: budgetText([limit]), ok: says === undefined, says: says ?? "" };
}

/**
 * By PostgreSQL's own word where it can be asked; elsewhere by those who had to wait while the migration was at work, for longer
 * than anybody before.
 */
function lockLimit({ lockMs, to, from }: RehearsalPlan, { locks, phases }: Counted): Limit {
  const limit = `lock=${lockMs / 1000}s`;
  const kept = { limit, ok: true, says: "" };
  const names = migrationsText({ to, from });
  if (locks !== null) {
    const longest = locks.find(({ heldMs }) => heldMs > lockMs);
    if (longest === undefined) return kept;
    const { table, mode, heldMs, waiting } = longest;
    const others = waiting === 0 ? "" : `, and ${count(waiting, "other")} waited for it`;
    return {
      limit,
      ok: false,
      says: `${names} locks the table ${table} for ${took(heldMs)} (${mode})${others}: more than ${took(lockMs)}`,
    };
  }
  const longestIn = (isOne: (phase: RehearsalPhase) => boolean): number =>
    Math.max(0, ...phases.filter(isOne).map(({ maxMs }) => maxMs ?? 0));
  const longest = longestIn(({ part, step }) => part === "deploy" && step === "migrate");
  const usual = longestIn(({ part }) => part === "before");
  if (longest - usual <= lockMs) return kept;
  return {
    limit,
    ok: false,
    says: `somebody waited for ${latency(longest)} while ${names} was at work, and ${latency(usual)} at most before: a lock, as it seems`,
  };
}

/** Of a release that brings one, or of which it is not known what it brings. */
function migrationsText({ from, to }: Pick<RehearsalPlan, "from" | "to">): string {
  const added = changeBetween(from.release.migrations, to.release.migrations)?.added ?? [];
  return added.length === 0 ? "the migration" : list(added.map(({ name }) => name));
}

/** Steps in which the release before still has every request, where there are slots. */
const beforeItServes: ReadonlySet<string> = new Set(["migrate", "switch", "prepare", "pull", "verify"]);

function errorsText(plan: RehearsalPlan, { report, phases }: Counted, broken: Limit): string {
  const [from, to] = [plan.from, plan.to].map(({ release }) => shortRevision(release.revision));
  const failed = (some: readonly RehearsalPhase[]): string => {
    const many = some.reduce((sum, { errors }) => sum + errors, 0);
    return `${count(many, "request")} (${report.errors[0]?.says ?? "no answer"})`;
  };
  const bad = phases.filter(({ errors }) => errors > 0);
  const [first] = bad;
  if (first === undefined) return broken.says;
  const { part, step } = first;
  const together = bad.filter((one) => one.part === part);
  if (part === "before")
    return `${from} fails ${failed(together)} before anything is changed: this machine has too much to do, or the sandbox lacks what it needs`;
  if (part === "served") return `${to} fails ${failed(together)} once it serves`;
  if (part === "after") return `${from} fails ${failed(together)} after the rollback`;
  if (part === "rollback") return `the way back fails ${failed(together)}, in its step ${step || "look"}`;
  const hasMigrated = phases.some((phase) => phase.part === "deploy" && phase.step === "migrate");
  const served = phases.some((phase) => phase.part === "served" && phase.errors > 0);
  if (plan.about.strategy === "slots" && hasMigrated && beforeItServes.has(step) && !served)
    return `${from}, which still serves, fails ${failed(together)} from the step ${step} on: it does not survive ${migrationsText(plan)}`;
  return `the deployment fails ${failed(together)}, in its step ${step || "look"}`;
}

function slowestText(phases: readonly RehearsalPhase[]): string {
  const slowest = phases.toSorted((one, other) => (other.maxMs ?? 0) - (one.maxMs ?? 0))[0];
  if (slowest?.maxMs == null) return "";
  const where = slowest.step === "" ? slowest.part : `${slowest.part}, step ${slowest.step}`;
  return `: the longest wait of ${latency(slowest.maxMs)} is in ${where}`;
}

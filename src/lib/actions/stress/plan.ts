import { type Budget, budgetText } from "../../config/budget.ts";
import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { loadRequests } from "../../fleet/load-requests.ts";
import type { Load } from "../../load/load.ts";
import { count } from "../../text/words.ts";
import type { Stressed } from "./result.ts";

/** What was typed; threads.yml says the rest. */
export interface Typed {
  readonly rate?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly budget?: Budget | undefined;
  /** The environment once more, for one that people use. */
  readonly sure?: string | undefined;
}

export interface StressPlan {
  readonly load: Load;
  readonly budget: Budget;
  readonly asked: Pick<Stressed, "rate" | "durationMs" | "budget" | "requests" | "targets">;
}

/** Where an environment can be asked. */
export interface Place {
  /** Name of the host; null for the address of the whole environment. */
  readonly host: string | null;
  readonly url: string;
}

type PlanConfig = Pick<Config, "checks" | "stress" | "runtime" | "file">;

/** What is asked of whom. @throws ThreadsError NOTHING_TO_ASK, NO_URL (refused) */
export function planStress(typed: Typed, places: readonly Place[], config: PlanConfig): StressPlan {
  const { stress } = config;
  const { rate = stress.rate, durationMs = stress.durationMs, budget = stress.budget } = typed;
  const isHost = places.every(({ host }) => host !== null);
  const { requests, shares, timeoutMs } = loadRequests(config, { isHost });
  const targets = places.map(({ host, url }) => ({ name: host ?? url, base: url }));
  return {
    load: { targets, requests, rate, durationMs, timeoutMs },
    budget,
    asked: { rate, durationMs, budget: budgetText(budget), requests: shares, targets: places },
  };
}

/** An environment with gates has people in it. @throws ThreadsError NOT_CONFIRMED (refused) */
export function requireConfirmed(
  { name, requiresPromotion }: EnvironmentConfig,
  typed: Typed,
  { load }: StressPlan,
): void {
  if (!requiresPromotion || typed.sure === name) return;
  const { rate, durationMs, targets } = load;
  throw new ThreadsError("NOT_CONFIRMED", {
    message: `${name} has gates, so people use it, and ${count(rate, "request")} a second for ${durationMs / 1000} s would go to ${targets.map((target) => target.name).join(", ")}`,
    next: [stressLine(name, { ...typed, sure: name })],
  });
}

/** The command as it is typed. */
export function stressLine(environment: string, { rate, durationMs, budget, sure }: Typed = {}): string {
  const flags = [
    ...(rate === undefined ? [] : [` --rate ${rate}`]),
    ...(durationMs === undefined ? [] : [` --duration ${durationMs / 1000}s`]),
    ...(budget === undefined ? [] : [` --budget ${budgetText(budget)}`]),
    ...(sure === undefined ? [] : [` --sure ${sure}`]),
  ];
  return `threads stress -e ${environment}${flags.join("")}`;
}

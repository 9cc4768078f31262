import { type Budget, budgetText } from "../../config/budget.ts";
import { requestsOfVerify } from "../../config/checks-for.ts";
import type { Config, StressRequest } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { HostedEnvironment } from "../../fleet/hosts.ts";
import type { Load, LoadRequest } from "../../load/load.ts";
import { asked } from "../../probe/request-check.ts";
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

/** Until the last byte of an answer. */
const timeoutMs = 10_000;

/** What is asked of whom. @throws ThreadsError NOTHING_TO_ASK, NO_URL (refused) */
export function planStress(typed: Typed, places: readonly Place[], config: PlanConfig): StressPlan {
  const { stress, file } = config;
  const { rate = stress.rate, durationMs = stress.durationMs, budget = stress.budget } = typed;
  const requests = requestsOf(config);
  if (requests.length === 0)
    throw new ThreadsError("NOTHING_TO_ASK", {
      message: `${file} has no check that only looks, and no stress.requests`,
      advice: ["write below stress: requests: [{ path: / }]"],
    });
  const all = requests.reduce((sum, { weight }) => sum + weight, 0);
  const isHost = places.every(({ host }) => host !== null);
  const shares = requests.map(({ method, path, weight }) => ({
    method,
    path,
    share: Math.round((weight * 1000) / all) / 10,
  }));
  return {
    load: {
      targets: places.map(({ host, url }) => ({ name: host ?? url, base: url })),
      requests: requests.map((one) => overTheWire(one, isHost ? config.runtime : {})),
      rate,
      durationMs,
      timeoutMs,
    },
    budget,
    asked: { rate, durationMs, budget: budgetText(budget), requests: shares, targets: places },
  };
}

/** Where nothing is named, all checks that only look, alike. */
function requestsOf({ stress, checks }: PlanConfig): readonly StressRequest[] {
  return stress.requests ?? requestsOfVerify({ checks }).map((check) => ({ ...check, weight: 1 }));
}

/** A host is asked by the name by which people know it; at the environment's address that is the address. */
function overTheWire(request: StressRequest, runtime: Partial<Config["runtime"]>): LoadRequest {
  const { host, forwardedProto } = runtime;
  const named = { ...(host !== undefined && { host }), ...(forwardedProto !== undefined && { forwardedProto }) };
  const { path, status, weight } = request;
  return { path, status, weight, ...asked({ ...named, ...request }) };
}

/** An environment with gates has people in it. @throws ThreadsError NOT_CONFIRMED (refused) */
export function requireConfirmed(
  { name, requiresPromotion }: HostedEnvironment,
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

import type { Service, ServiceDeployment } from "./service.ts";
import type { Shift, Side } from "./shift-state.ts";

/** One way from the old revision to the new one: how many of a hundred requests, step by step, and how long each is looked at. */
export function stepsOf({ configuration, from }: Pick<Shift, "configuration" | "from">): {
  readonly percents: readonly number[];
  readonly seconds: number;
} {
  const { strategy, linearConfiguration, canaryConfiguration } = configuration;
  // There is nobody that requests could be taken from.
  if (from === undefined || strategy === "BLUE_GREEN") return { percents: [100], seconds: 0 };
  if (strategy === "CANARY") {
    const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = canaryConfiguration ?? {};
    return {
      percents: canaryPercent < 100 ? [canaryPercent, 100] : [100],
      seconds: canaryBakeTimeInMinutes * 60,
    };
  }
  const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = linearConfiguration ?? {};
  const count = Math.ceil(100 / stepPercent);
  const percents = Array.from({ length: count }, (_, n) => Math.min(100, Math.round(stepPercent * (n + 1) * 10) / 10));
  return { percents, seconds: stepBakeTimeInMinutes * 60 };
}

/** The first moment of a service deployment; undefined where it replaces tasks one by one. */
export function beginShift(service: Service, now: number): Shift | undefined {
  const { configuration, completed, deployments, history } = service;
  if (configuration.strategy === "ROLLING") return undefined;
  return {
    configuration,
    from: completed?.revision ?? history[0]?.shift?.from,
    stage: deployments.length > 1 ? "RECONCILE_SERVICE" : "PRE_SCALE_UP",
    since: now,
    step: -1,
    runs: [],
    production: 0,
    test: 0,
  };
}

export function sideOf({ revisions }: Service, revision: string | undefined): Side {
  return revisions.find(({ id }) => id === revision)?.side ?? "primary";
}

/** How many of a hundred requests the alternate target group gets: of people, and of those who test. */
export function alternateShare(service: Service): { readonly production: number; readonly test: number } {
  const [newest] = service.history;
  if (newest?.shift === undefined) return { production: 0, test: 0 };
  const isAlternate = sideOf(service, newest.targetRevision) === "alternate";
  const { production, test } = newest.shift;
  return isAlternate ? { production, test } : { production: 100 - production, test: 100 - test };
}

/** The service deployment with more of its shift changed. */
export function changeShift(service: Service, id: string, change: Partial<Shift>): Service {
  const changed = (one: ServiceDeployment): ServiceDeployment =>
    one.id === id && one.shift !== undefined ? { ...one, shift: { ...one.shift, ...change } } : one;
  return { ...service, history: service.history.map(changed) };
}

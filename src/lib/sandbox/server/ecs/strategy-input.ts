import { type Input, invalid, read } from "./parts.ts";
import {
  type Canary,
  type DeploymentConfiguration,
  type Linear,
  type PauseHook,
  type Stage,
  stages,
  type Strategy,
} from "./schedule/configuration.ts";

const strategies = ["ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"] as const;
/** A hook has no place where tasks begin, and once all is over (API reference, DeploymentLifecycleHook). */
const hookStages = stages.filter((stage) => !["SCALE_UP", "BAKE_TIME", "CLEAN_UP"].includes(stage));
const notForPauses: ReadonlySet<Stage> = new Set(["TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"]);
const mostPauses = 10;
const day = 1440;

type Shifting = Pick<
  DeploymentConfiguration,
  "strategy" | "bakeTimeInMinutes" | "lifecycleHooks" | "linearConfiguration" | "canaryConfiguration"
>;

/** How requests come to new tasks, over what was said of that before (API reference, DeploymentConfiguration). */
export function shiftingOf(given: Input, before: Shifting): Shifting {
  const strategy: Strategy = read.optionalOneOf(given, "strategy", strategies) ?? before.strategy;
  const bake = read.optionalNumber(given, "bakeTimeInMinutes", { min: 0, max: day }) ?? before.bakeTimeInMinutes;
  const hooks = hooksOf(given) ?? before.lifecycleHooks ?? [];
  const linear = ofStrategy("LINEAR", strategy, linearOf(given), before.linearConfiguration);
  const canary = ofStrategy("CANARY", strategy, canaryOf(given), before.canaryConfiguration);
  // Whether ECS takes hooks of rolling deployments is told nowhere: no kinder.
  if (strategy === "ROLLING" && hooks.length > 0)
    throw invalid("lifecycleHooks are not supported with the ROLLING deployment strategy.");
  if (strategy === "BLUE_GREEN" && bake === undefined)
    throw invalid("bakeTimeInMinutes is required with the BLUE_GREEN deployment strategy.");
  return {
    strategy,
    ...(bake !== undefined && { bakeTimeInMinutes: bake }),
    ...(hooks.length > 0 && { lifecycleHooks: hooks }),
    ...(linear !== undefined && { linearConfiguration: linear }),
    ...(canary !== undefined && { canaryConfiguration: canary }),
  };
}

/** What is said for another strategy is refused, and what was said for the one before is forgotten. */
function ofStrategy<T>(own: Strategy, strategy: Strategy, given: T | undefined, before: T | undefined): T | undefined {
  if (strategy === own) return given ?? before;
  if (given === undefined) return undefined;
  throw invalid(`${own.toLowerCase()}Configuration is only valid with the ${own} deployment strategy.`);
}

function linearOf(given: Input): Linear | undefined {
  const linear = read.optionalRecord(given, "linearConfiguration");
  if (linear === undefined) return undefined;
  const stepPercent = percent(linear, "stepPercent", 3);
  const minutes = read.optionalNumber(linear, "stepBakeTimeInMinutes", { min: 0, max: day });
  return {
    ...(stepPercent !== undefined && { stepPercent }),
    ...(minutes !== undefined && { stepBakeTimeInMinutes: minutes }),
  };
}

function canaryOf(given: Input): Canary | undefined {
  const canary = read.optionalRecord(given, "canaryConfiguration");
  if (canary === undefined) return undefined;
  const canaryPercent = percent(canary, "canaryPercent", 0.1);
  const minutes = read.optionalNumber(canary, "canaryBakeTimeInMinutes", { min: 0, max: day });
  return {
    ...(canaryPercent !== undefined && { canaryPercent }),
    ...(minutes !== undefined && { canaryBakeTimeInMinutes: minutes }),
  };
}

/** In tenths, up to all. */
function percent(input: Input, name: string, min: number): number | undefined {
  const value = input[name];
  if (value == null) return undefined;
  const isTenth = typeof value === "number" && Math.abs(value * 10 - Math.round(value * 10)) < 1e-6;
  if (!isTenth || value < min || value > 100)
    throw invalid(`${name} must be a multiple of 0.1 from ${min.toFixed(1)} to 100.0.`);
  return value;
}

function hooksOf(given: Input): readonly PauseHook[] | undefined {
  const hooks = read.optionalRecords(given, "lifecycleHooks")?.map(hookOf);
  if (hooks !== undefined && hooks.length > mostPauses)
    throw invalid(`A deployment configuration can have up to ${mostPauses} PAUSE lifecycle hooks.`);
  return hooks;
}

function hookOf(hook: Input): PauseHook {
  const type = read.optionalOneOf(hook, "targetType", ["AWS_LAMBDA", "PAUSE"] as const) ?? "AWS_LAMBDA";
  if (type === "AWS_LAMBDA") throw invalid("The sandbox knows no lifecycle hooks but PAUSE, and no Lambda functions.");
  for (const name of ["hookTargetArn", "roleArn", "hookDetails"])
    if (hook[name] != null) throw invalid(`${name} is not applicable for PAUSE lifecycle hooks.`);
  const named = read.strings(hook, "lifecycleStages");
  if (named.length === 0) throw invalid("lifecycleStages can not be empty.");
  const lifecycleStages = named.map((stage) => read.oneOf({ stage }, "stage", hookStages));
  const wrong = lifecycleStages.find((stage) => notForPauses.has(stage));
  if (wrong !== undefined) throw invalid(`PAUSE lifecycle hooks cannot be configured at the ${wrong} stage.`);
  const timeout = read.optionalRecord(hook, "timeoutConfiguration");
  return {
    targetType: type,
    lifecycleStages,
    ...(timeout !== undefined && { timeoutConfiguration: timeoutOf(timeout) }),
  };
}

function timeoutOf(timeout: Input): NonNullable<PauseHook["timeoutConfiguration"]> {
  const minutes = read.optionalNumber(timeout, "timeoutInMinutes", { min: 1, max: 20_160 });
  const action = read.optionalOneOf(timeout, "action", ["CONTINUE", "ROLLBACK"] as const);
  return { ...(minutes !== undefined && { timeoutInMinutes: minutes }), ...(action !== undefined && { action }) };
}

import type { Breaker, DeploymentConfiguration } from "./configuration.ts";

/** How many tasks must be running and healthy, and how many there may be in all (API reference, DeploymentConfiguration). */
export function boundsOf(
  desired: number,
  { minimumHealthyPercent, maximumPercent }: DeploymentConfiguration,
): { readonly lower: number; readonly upper: number } {
  return {
    lower: Math.ceil((desired * minimumHealthyPercent) / 100),
    upper: Math.floor((desired * maximumPercent) / 100),
  };
}

/** BOUNDED_PERCENT is never less than 3 nor more than 200 (developer guide, "How the Amazon ECS deployment circuit breaker detects failures"). */
export function thresholdOf(desired: number, { thresholdConfiguration }: Breaker): number {
  const { type = "BOUNDED_PERCENT", value = 50 } = thresholdConfiguration ?? {};
  if (type === "COUNT") return value;
  const share = Math.max(1, Math.ceil((desired * value) / 100));
  return type === "BOUNDED_PERCENT" ? Math.min(200, Math.max(3, share)) : share;
}

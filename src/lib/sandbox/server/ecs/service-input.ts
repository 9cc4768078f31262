import { isGiven } from "./check-container.ts";
import { type EcsParts, type Input, invalid, read, usableDefinition } from "./parts.ts";
import type { Breaker, DeploymentConfiguration } from "./schedule/configuration.ts";
import type { Definition } from "./state.ts";
import { shiftingOf } from "./strategy-input.ts";

const usual: DeploymentConfiguration = {
  strategy: "ROLLING",
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  deploymentCircuitBreaker: { enable: false, rollback: false },
};

/** What is said of it, over what there was (API reference, DeploymentConfiguration). */
export function configurationOf(input: Input, before: DeploymentConfiguration = usual): DeploymentConfiguration {
  const given = read.optionalRecord(input, "deploymentConfiguration") ?? {};
  const shifting = shiftingOf(given, before);
  const min = read.optionalNumber(given, "minimumHealthyPercent", { min: 0 }) ?? before.minimumHealthyPercent;
  const max = read.optionalNumber(given, "maximumPercent", { min: 1 }) ?? before.maximumPercent;
  if (min === 100 && max === 100)
    throw invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.");
  if (min > max) throw invalid("maximumPercent cannot be less than minimumHealthyPercent.");
  const alarms = alarmsOf(given) ?? before.alarms;
  const breaker = breakerOf(given) ?? before.deploymentCircuitBreaker;
  if (breaker.enable && shifting.strategy !== "ROLLING")
    throw invalid("The deployment circuit breaker can only be used with the ROLLING deployment strategy.");
  return {
    ...shifting,
    minimumHealthyPercent: min,
    maximumPercent: max,
    deploymentCircuitBreaker: breaker,
    ...(alarms !== undefined && { alarms }),
  };
}

function breakerOf(given: Input): Breaker | undefined {
  const breaker = read.optionalRecord(given, "deploymentCircuitBreaker");
  if (breaker === undefined) return undefined;
  const [enable, rollback] = [required(breaker, "enable"), required(breaker, "rollback")];
  const reset = read.optionalBoolean(breaker, "resetOnHealthyTask");
  const threshold = read.optionalRecord(breaker, "thresholdConfiguration");
  return {
    enable,
    rollback,
    ...(reset !== undefined && { resetOnHealthyTask: reset }),
    ...(threshold !== undefined && { thresholdConfiguration: thresholdOf(threshold) }),
  };
}

function thresholdOf(given: Input): NonNullable<Breaker["thresholdConfiguration"]> {
  const value = read.optionalNumber(given, "value", { min: 1 });
  const type = read.oneOf(given, "type", ["BOUNDED_PERCENT", "UNBOUNDED_PERCENT", "COUNT"] as const);
  return { type, ...(value !== undefined && { value }) };
}

function alarmsOf(given: Input): DeploymentConfiguration["alarms"] {
  const alarms = read.optionalRecord(given, "alarms");
  if (alarms === undefined) return undefined;
  return {
    enable: required(alarms, "enable"),
    rollback: required(alarms, "rollback"),
    alarmNames: read.strings(alarms, "alarmNames"),
  };
}

function required(input: Input, name: string): boolean {
  const value = read.optionalBoolean(input, name);
  if (value === undefined) throw invalid(`${name} must be true or false.`);
  return value;
}

/** Kept as they are sent, and shown again. */
const kept = [
  "networkConfiguration",
  "loadBalancers",
  "serviceRegistries",
  "enableECSManagedTags",
  "enableExecuteCommand",
  "propagateTags",
  "availabilityZoneRebalancing",
  "platformVersion",
] as const;

/** Changes that begin a deployment, beside forceNewDeployment (API reference, UpdateService). */
export const deploying = ["taskDefinition", "networkConfiguration", "platformVersion", "loadBalancers"] as const;

/** What a service has in AWS, and would go without here. */
const unknown = [
  "serviceConnectConfiguration",
  "serviceRegistries",
  "volumeConfigurations",
  "vpcLatticeConfigurations",
] as const;

/** @throws ServiceError InvalidParameterException for what the sandbox would lose in silence */
export function settingsOf(input: Input, before: Input): Input {
  for (const key of unknown) {
    const isOff = (input[key] as Input | null | undefined)?.["enabled"] === false;
    if (isGiven(input[key]) && !isOff) throw invalid(`The sandbox knows no ${key}.`);
  }
  const given = Object.fromEntries(kept.flatMap((name) => (input[name] == null ? [] : [[name, input[name]]])));
  return {
    loadBalancers: [],
    serviceRegistries: [],
    enableECSManagedTags: false,
    propagateTags: "NONE",
    enableExecuteCommand: false,
    ...before,
    ...given,
  };
}

/** The task definition of a service or a run, and whether the network that it needs was given. @throws ServiceError */
export function definitionFor(parts: EcsParts, text: string, given: Input): Definition {
  const definition = usableDefinition(parts.store.state, text);
  const isAwsvpc = definition.body["networkMode"] === "awsvpc";
  const { awsvpcConfiguration } = (given["networkConfiguration"] ?? {}) as { readonly awsvpcConfiguration?: Input };
  if (isAwsvpc && awsvpcConfiguration === undefined)
    throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  if (!isAwsvpc && awsvpcConfiguration !== undefined)
    throw invalid("Network Configuration is not valid for the given networkMode of this task definition.");
  if (awsvpcConfiguration !== undefined) {
    if (read.strings(awsvpcConfiguration, "subnets").length === 0) throw invalid("subnets can not be empty.");
    read.optionalStrings(awsvpcConfiguration, "subnets", { max: 16 });
    read.optionalStrings(awsvpcConfiguration, "securityGroups", { max: 5 });
    read.optionalOneOf(awsvpcConfiguration, "assignPublicIp", ["ENABLED", "DISABLED"] as const);
  }
  return definition;
}

/** @throws ServiceError where both are given, or a task definition is not for it */
export function launchTypeOf(input: Input, { body }: Definition): "FARGATE" | "EC2" {
  const type = read.optionalOneOf(input, "launchType", ["EC2", "FARGATE"] as const);
  if (input["capacityProviderStrategy"] != null) {
    if (type !== undefined)
      throw invalid(
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
      );
    throw invalid("The sandbox has no capacity providers: give a launchType.");
  }
  const launchType = type ?? "EC2";
  const wanted = (body["requiresCompatibilities"] ?? []) as readonly string[];
  if (launchType === "FARGATE" && !wanted.includes("FARGATE"))
    throw invalid("Task definition does not support launch_type FARGATE.");
  return launchType;
}

export type Strategy = "ROLLING" | "BLUE_GREEN" | "LINEAR" | "CANARY";

/** In the order in which a service deployment goes through them (developer guide, "Amazon ECS blue/green service deployments workflow"). */
export const stages = [
  "RECONCILE_SERVICE",
  "PRE_SCALE_UP",
  "SCALE_UP",
  "POST_SCALE_UP",
  "TEST_TRAFFIC_SHIFT",
  "POST_TEST_TRAFFIC_SHIFT",
  "PRE_PRODUCTION_TRAFFIC_SHIFT",
  "PRODUCTION_TRAFFIC_SHIFT",
  "POST_PRODUCTION_TRAFFIC_SHIFT",
  "BAKE_TIME",
  "CLEAN_UP",
] as const;
export type Stage = (typeof stages)[number];

export type HookAction = "CONTINUE" | "ROLLBACK";

/** As the API has it; what is not said is filled in when it is used. */
export interface PauseHook {
  readonly targetType: "PAUSE";
  readonly lifecycleStages: readonly Stage[];
  readonly timeoutConfiguration?: { readonly timeoutInMinutes?: number; readonly action?: HookAction };
}

export interface Linear {
  readonly stepPercent?: number;
  readonly stepBakeTimeInMinutes?: number;
}

export interface Canary {
  readonly canaryPercent?: number;
  readonly canaryBakeTimeInMinutes?: number;
}

export interface Breaker {
  readonly enable: boolean;
  readonly rollback: boolean;
  readonly resetOnHealthyTask?: boolean;
  readonly thresholdConfiguration?: {
    readonly type: "BOUNDED_PERCENT" | "UNBOUNDED_PERCENT" | "COUNT";
    readonly value?: number;
  };
}

/** As the API has it; what is not said is filled in when a service is made. */
export interface DeploymentConfiguration {
  readonly strategy: Strategy;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly deploymentCircuitBreaker: Breaker;
  readonly alarms?: { readonly enable: boolean; readonly rollback: boolean; readonly alarmNames: readonly string[] };
  readonly bakeTimeInMinutes?: number;
  readonly lifecycleHooks?: readonly PauseHook[];
  readonly linearConfiguration?: Linear;
  readonly canaryConfiguration?: Canary;
}

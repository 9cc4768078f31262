import { changeOf } from "../change.ts";
import { awsLine, type PreflightFinding } from "./finding.ts";
import { boundsOf, canMove } from "./room-to-move.ts";

/** A service, in what decides whether it can change releases. */
export interface Standing {
  readonly name: string;
  readonly cluster: string;
  readonly status: string;
  /** ECS, CODE_DEPLOY, EXTERNAL. */
  readonly controller: string;
  /** ROLLING, BLUE_GREEN, LINEAR, CANARY. */
  readonly strategy: string;
  readonly desired: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** Whether ECS moves its tasks between zones. */
  readonly balanced: boolean;
  /** Whether there must never be two of it (runtime.singletons). */
  readonly isSingle: boolean;
}

/** foreign: nobody deploys to it, or not by ECS. stuck: its deployment would hang. twice: it would end, with two of a singleton on the way. */
export interface Unfit extends PreflightFinding {
  readonly state: "fail";
  readonly kind: "foreign" | "stuck" | "twice";
}

/** Why a service should not be given another release as it is; doctor and each deployment go by this. Pure. */
export function judgeFitness(service: Standing): readonly Unfit[] {
  const { name, cluster, status, controller, isSingle } = service;
  const foreign = (says: string, advice: string): readonly Unfit[] => [
    {
      kind: "foreign",
      state: "fail",
      says,
      next: [awsLine("ecs", "describe-services", "--cluster", cluster, "--services", name)],
      advice: [advice],
    },
  ];
  if (status !== "ACTIVE")
    return foreign(
      `the service ${name} is ${status || "in no state that ECS names"}, and is deployed to only when it is ACTIVE`,
      `somebody has deleted ${name}: wait until it is gone, and it is made anew`,
    );
  if (controller !== "ECS")
    return foreign(
      `the service ${name} is deployed by ${controller} (deploymentController), and threads deploys only where ECS itself does`,
      `make ${name} anew with the deployment controller ECS`,
    );
  return isSingle ? twice(service) : stuck(service);
}

function twice(service: Standing): readonly Unfit[] {
  const { name, desired, minimumHealthyPercent: minimum, maximumPercent: maximum, strategy, balanced } = service;
  const found = (says: string, ...change: readonly string[]): Unfit => ({
    kind: "twice",
    state: "fail",
    says: `${says}, and there must be one`,
    next: [update(service, ...change)],
  });
  const isRolling = strategy === "ROLLING";
  const how = isRolling ? `${minimum}/${maximum} and not 0/100` : `${strategy} and not ROLLING`;
  return [
    ...(minimum !== 0 || maximum !== 100 || !isRolling
      ? [found(`there may be two of ${name} while it changes (${how})`, ...configuration(service))]
      : []),
    ...(desired > 1 ? [found(`${name} runs ${desired} times`, "--desired-count", "1")] : []),
    ...(balanced
      ? [
          found(
            `there may be two of ${name} while ECS moves it to another zone (availabilityZoneRebalancing)`,
            "--availability-zone-rebalancing",
            "DISABLED",
          ),
        ]
      : []),
  ];
}

/** With two sets of tasks ECS goes by neither of the two numbers. */
function stuck(service: Standing): readonly Unfit[] {
  const { name, desired, minimumHealthyPercent: minimum, maximumPercent: maximum, strategy } = service;
  if (strategy !== "ROLLING" || canMove(desired, { minimum, maximum })) return [];
  const { least, most } = boundsOf(desired, { minimum, maximum });
  return [
    {
      kind: "stuck",
      state: "fail",
      says: `a deployment of ${name} would hang: of ${desired} wanted ${least} must run (minimumHealthyPercent ${minimum}) and ${most} may (maximumPercent ${maximum}), so that none can stop or start`,
      next: [update(service, ...configuration(service))],
    },
  ];
}

/** What makes it change as threads has made it. */
function configuration({ isSingle, strategy }: Pick<Standing, "isSingle" | "strategy">): readonly string[] {
  const wanted = { ...(strategy !== "ROLLING" && { strategy: "ROLLING" }), ...changeOf(isSingle) };
  return ["--deployment-configuration", JSON.stringify(wanted)];
}

/** None of these begins a deployment (API reference, UpdateService). */
export function update({ cluster, name }: Pick<Standing, "cluster" | "name">, ...change: readonly string[]): string {
  return awsLine("ecs", "update-service", "--cluster", cluster, "--service", name, ...change);
}

import type { Service } from "@aws-sdk/client-ecs";

/** A deployment of a service that has not come to its end, whoever began it. */
export interface DeploymentUnderWay {
  /** Of the service deployment; of the task definition where ECS names none. */
  readonly arn: string;
  /** Milliseconds since the epoch; undefined where ECS does not say. */
  readonly since: number | undefined;
}

/** @returns undefined where none is under way */
export function deploymentUnderWay({
  deployments = [],
  currentServiceDeployment,
}: Pick<Service, "deployments" | "currentServiceDeployment">): DeploymentUnderWay | undefined {
  const primary = deployments.find(({ status }) => status === "PRIMARY");
  const isMoving =
    currentServiceDeployment !== undefined ||
    deployments.some(({ status }) => status === "ACTIVE") ||
    primary?.rolloutState === "IN_PROGRESS";
  if (!isMoving) return undefined;
  return {
    arn: currentServiceDeployment ?? primary?.taskDefinition ?? "",
    since: primary?.createdAt?.getTime(),
  };
}

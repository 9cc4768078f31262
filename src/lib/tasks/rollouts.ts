import { inParts } from "../aws/in-parts.ts";
import type { ServiceDeployment } from "@aws-sdk/client-ecs";
import type { EcsCall } from "../aws/ecs-calls.ts";
import type { SeenService } from "./services.ts";
import { type SeenStage, stageOf } from "./stages.ts";

/** What ECS says of one service deployment. */
export interface SeenRollout {
  readonly arn: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly wanted: number;
  readonly running: number;
  /** Tasks of what ran before that have not ended. */
  readonly old: number;
  readonly failures: number;
  /** Of one that shifts requests. */
  readonly stage: SeenStage | undefined;
  /** ECS looks at no alarm of it. */
  readonly blind: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number | undefined;
}

/** No further word comes of it. */
const over = new Set(["SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"]);

export function isOver({ status }: Pick<SeenRollout, "status">): boolean {
  return over.has(status);
}

/** How many DescribeServiceDeployments takes at once. */
const atOnce = 20;

/** Those of these service deployments that ECS knows: one that has only just begun may be unknown for a while. */
export async function readRollouts(arns: readonly string[], call: EcsCall): Promise<readonly SeenRollout[]> {
  const answers = await Promise.all(
    inParts(arns, atOnce).map((serviceDeploymentArns) =>
      call({
        doing: "looking at what ECS deploys",
        send: (client, { DescribeServiceDeploymentsCommand }, options) =>
          client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }), options),
      }),
    ),
  );
  return answers.flatMap(({ serviceDeployments = [] }) => serviceDeployments).map(seenOf);
}

function seenOf(one: ServiceDeployment): SeenRollout {
  const { targetServiceRevision: target } = one;
  return {
    arn: one.serviceDeploymentArn ?? "",
    status: one.status ?? "",
    reason: one.rollback?.reason ?? one.statusReason,
    wanted: target?.requestedTaskCount ?? 0,
    running: target?.runningTaskCount ?? 0,
    old: (one.sourceServiceRevisions ?? []).reduce((sum, { runningTaskCount = 0 }) => sum + runningTaskCount, 0),
    failures: one.deploymentCircuitBreaker?.failureCount ?? 0,
    stage: stageOf(one),
    blind: one.alarms?.status === "DISABLED",
    createdAt: one.createdAt?.getTime(),
  };
}

/** By the service's name: what ECS still works on there. */
export async function underWay(
  services: readonly SeenService[],
  call: EcsCall,
): Promise<ReadonlyMap<string, SeenRollout>> {
  const arns = services.flatMap(({ deployment }) => deployment ?? []);
  const known = new Map((await readRollouts(arns, call)).map((one) => [one.arn, one]));
  return new Map(
    services.flatMap((service) => {
      const { name, deployment, rolloutState } = service;
      // What ECS does not know yet, or shows in its older way alone, counts as long as nothing says that it is over.
      if (deployment === undefined) return rolloutState === "IN_PROGRESS" ? [[name, unknown(service)] as const] : [];
      const seen = known.get(deployment) ?? unknown(service);
      return isOver(seen) ? [] : [[name, seen] as const];
    }),
  );
}

function unknown({ deployment, primary, desired, running }: SeenService): SeenRollout {
  const arn = deployment ?? primary;
  const at = { reason: undefined, createdAt: undefined, stage: undefined };
  return { arn, status: "IN_PROGRESS", wanted: desired, running, old: 0, failures: 0, blind: false, ...at };
}

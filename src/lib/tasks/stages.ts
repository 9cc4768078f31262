import type { DeploymentConfiguration, DeploymentLifecycleHookDetail, ServiceDeployment } from "@aws-sdk/client-ecs";
import { commandText } from "../process/processes.ts";
import type { Pause } from "../script/pause.ts";

/** How far a deployment has come that shifts requests, and who holds it up. */
export interface SeenStage {
  /** As ECS calls it: SCALE_UP, BAKE_TIME … */
  readonly name: string;
  /** So many of a hundred requests go to what is new. */
  readonly percent: number;
  /** That somebody has put into the service, and that wait for an answer: a stage may have several. */
  readonly pauses: readonly SeenPause[];
}

export type SeenPause = Pick<Pause, "hookId" | "expiresAt" | "timeoutAction">;

/** Undefined where tasks are replaced one by one. */
export function stageOf(one: ServiceDeployment): SeenStage | undefined {
  const { lifecycleStage, lifecycleHookDetails = [], targetServiceRevision } = one;
  const pauses = lifecycleHookDetails.filter(({ status }) => status === "AWAITING_ACTION");
  if (lifecycleStage === undefined && pauses.length === 0) return undefined;
  return {
    name: lifecycleStage ?? "its pause",
    percent: targetServiceRevision?.requestedProductionTrafficWeight ?? 0,
    pauses: pauses.map(pauseOf),
  };
}

function pauseOf({ hookId = "", expiresAt, timeoutAction = "ROLLBACK" }: DeploymentLifecycleHookDetail): SeenPause {
  return { hookId, expiresAt: expiresAt?.toISOString() ?? null, timeoutAction };
}

/** What ECS is at, as a sentence without its subject; undefined while tasks come up, which their number tells. */
export function stageText({ name, percent, pauses: [pause] }: SeenStage): string | undefined {
  if (pause !== undefined) return pauseText({ ...pause, stage: name });
  // ECS may have stages that we do not know.
  const words: Readonly<Record<string, string | undefined>> = {
    RECONCILE_SERVICE: "waits until tasks of an interrupted deployment are gone",
    POST_SCALE_UP: "runs, and gets no requests yet",
    TEST_TRAFFIC_SHIFT: "is reached by those who test",
    POST_TEST_TRAFFIC_SHIFT: "is reached by those who test",
    PRE_PRODUCTION_TRAFFIC_SHIFT: `gets ${percent} % of requests`,
    PRODUCTION_TRAFFIC_SHIFT: `gets ${percent} % of requests`,
    POST_PRODUCTION_TRAFFIC_SHIFT: "gets all requests",
    BAKE_TIME: "gets all requests, and its old tasks stay for their bake time",
    CLEAN_UP: "lets its old tasks end",
  };
  return words[name];
}

/** A sentence without its subject, which is a service. */
export function pauseText({
  stage,
  expiresAt,
  timeoutAction,
}: Pick<Pause, "stage" | "expiresAt" | "timeoutAction">): string {
  const until = expiresAt === null ? "" : ` until ${expiresAt}`;
  const then = timeoutAction === "CONTINUE" ? "goes on" : "goes back";
  return `waits for somebody at ${stage}${until}, and ${then} then`;
}

/** What answers a pause that is none of ours. */
export function answerText({ hookId }: Pick<SeenPause, "hookId">, deployment: string): string {
  const args = ["ecs", "continue-service-deployment", "--service-deployment-arn", deployment, "--hook-id", hookId];
  return commandText({ file: "aws", args });
}

/** So long its steps and its bake time last, in milliseconds, beside what tasks need to come up; a pause not counted. */
export function lastsMs(how: DeploymentConfiguration): number {
  const { strategy = "ROLLING", bakeTimeInMinutes = 0, canaryConfiguration, linearConfiguration } = how;
  // What is not said is ECS's own (API reference, CanaryConfiguration and LinearConfiguration).
  const { canaryBakeTimeInMinutes = 10 } = canaryConfiguration ?? {};
  const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = linearConfiguration ?? {};
  const steps = { CANARY: canaryBakeTimeInMinutes, LINEAR: (Math.ceil(100 / stepPercent) - 1) * stepBakeTimeInMinutes };
  if (strategy === "ROLLING") return 0;
  return (bakeTimeInMinutes + (strategy === "BLUE_GREEN" ? 0 : steps[strategy])) * 60_000;
}

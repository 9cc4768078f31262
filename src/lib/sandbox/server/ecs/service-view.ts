import { arn, clusterArn, definitionArn, type EcsParts, type Input, serviceArn } from "./parts.ts";
import { type Deployment, primaryOf, type Service, type ServiceDeployment, underWay } from "./schedule/service.ts";
import { isAlive, type Task } from "./schedule/task.ts";

/** Tasks that a service has made; one that somebody runs by hand is not of it. */
export function tasksOf(parts: EcsParts, { cluster, name }: Service): readonly Task[] {
  return Object.values(parts.store.state.tasks).filter(
    (task) =>
      task.cluster === cluster && task.group === `service:${name}` && task.startedBy?.startsWith("ecs-svc/") === true,
  );
}

export function deploymentArn(parts: EcsParts, { cluster, name }: Service, id: string): string {
  return arn(parts, `service-deployment/${cluster}/${name}/${id}`);
}

export function revisionArn(parts: EcsParts, { cluster, name }: Service, id: string): string {
  return arn(parts, `service-revision/${cluster}/${name}/${id}`);
}

/** As DescribeServices answers. */
export function serviceView(parts: EcsParts, service: Service, include: readonly string[] = []): Input {
  const tasks = tasksOf(parts, service);
  const primary = primaryOf(service);
  const current = underWay(service);
  return {
    ...service.settings,
    serviceArn: serviceArn(parts, service),
    serviceName: service.name,
    clusterArn: clusterArn(parts, service.cluster),
    status: service.status,
    desiredCount: service.desiredCount,
    ...counts(tasks),
    launchType: service.launchType,
    ...(service.launchType === "FARGATE" && { platformVersion: "LATEST", platformFamily: "Linux" }),
    taskDefinition: definitionArn(parts, primary.definition),
    deploymentConfiguration: { bakeTimeInMinutes: 0, ...service.configuration },
    deployments: service.status === "INACTIVE" ? [] : service.deployments.map((one) => view(parts, service, one)),
    ...(current !== undefined && { currentServiceDeployment: deploymentArn(parts, service, current.id) }),
    currentServiceRevisions:
      current === undefined ? [revisionSummary(parts, service, primary.revision, begunBy(primary, tasks))] : [],
    roleArn: `arn:aws:iam::${parts.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
    events: service.events,
    createdAt: service.createdAt,
    createdBy: service.createdBy,
    healthCheckGracePeriodSeconds: service.graceSeconds,
    schedulingStrategy: "REPLICA",
    deploymentController: { type: "ECS" },
    placementConstraints: [],
    placementStrategy: [],
    ...(include.includes("TAGS") && { tags: service.tags }),
  };
}

function counts(tasks: readonly Task[]): { readonly runningCount: number; readonly pendingCount: number } {
  const alive = tasks.filter(isAlive);
  const runningCount = alive.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
  const pendingCount = alive.filter(({ lastStatus }) =>
    ["PROVISIONING", "PENDING", "ACTIVATING"].includes(lastStatus),
  ).length;
  return { runningCount, pendingCount };
}

function begunBy({ id }: Deployment, tasks: readonly Task[]): readonly Task[] {
  return tasks.filter(({ startedBy }) => startedBy === id);
}

function view(parts: EcsParts, service: Service, deployment: Deployment): Input {
  const { networkConfiguration } = service.settings;
  const shifts = service.history[0]?.shift !== undefined;
  return {
    id: deployment.id,
    status: deployment === primaryOf(service) ? "PRIMARY" : "ACTIVE",
    taskDefinition: definitionArn(parts, deployment.definition),
    desiredCount: deployment.desired,
    ...counts(begunBy(deployment, tasksOf(parts, service))),
    failedTasks: deployment.failures,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    launchType: service.launchType,
    ...(networkConfiguration !== undefined && { networkConfiguration }),
    // Of rolling updates alone (API reference, Deployment).
    ...(!shifts && { rolloutState: deployment.rolloutState, rolloutStateReason: deployment.rolloutStateReason }),
  };
}

function revisionSummary(parts: EcsParts, service: Service, revision: string, tasks: readonly Task[]): Input {
  const { runningCount, pendingCount } = counts(tasks);
  return {
    arn: revisionArn(parts, service, revision),
    requestedTaskCount: service.desiredCount,
    runningTaskCount: runningCount,
    pendingTaskCount: pendingCount,
  };
}

/** As ListServiceDeployments answers. */
export function deploymentBrief(parts: EcsParts, service: Service, one: ServiceDeployment): Input {
  return {
    serviceDeploymentArn: deploymentArn(parts, service, one.id),
    serviceArn: serviceArn(parts, service),
    clusterArn: clusterArn(parts, service.cluster),
    targetServiceRevisionArn: revisionArn(parts, service, one.targetRevision),
    status: one.status,
    ...(one.statusReason !== undefined && { statusReason: one.statusReason }),
    createdAt: one.createdAt,
    ...(one.startedAt !== undefined && { startedAt: one.startedAt }),
    ...(one.finishedAt !== undefined && { finishedAt: one.finishedAt }),
  };
}

function weightsOf(production: number | undefined, test: number | undefined): Input {
  if (production === undefined) return {};
  return { requestedProductionTrafficWeight: production, requestedTestTrafficWeight: test };
}

function shiftView({ shift }: ServiceDeployment): Input {
  if (shift === undefined) return {};
  return {
    lifecycleStage: shift.stage,
    lifecycleHookDetails: shift.runs.map(({ id, status, expiresAt, timeoutAction }) => ({
      hookId: id,
      targetType: "PAUSE",
      status,
      expiresAt,
      timeoutAction,
    })),
  };
}

/** As DescribeServiceDeployments answers. */
export function deploymentView(parts: EcsParts, service: Service, one: ServiceDeployment): Input {
  const { targetServiceRevisionArn: _, ...brief } = deploymentBrief(parts, service, one);
  const tasks = tasksOf(parts, service);
  const of = (revision: string): readonly Task[] => {
    const ids = new Set(service.deployments.filter((each) => each.revision === revision).map(({ id }) => id));
    return tasks.filter(({ startedBy = "" }) => ids.has(startedBy));
  };
  const { alarms, rollback } = one;
  return {
    ...brief,
    updatedAt: one.updatedAt,
    ...(one.stoppedAt !== undefined && { stoppedAt: one.stoppedAt }),
    sourceServiceRevisions: one.sourceRevisions.map((id) => ({
      ...revisionSummary(parts, service, id, of(id)),
      ...(one.shift?.from === id && weightsOf(100 - one.shift.production, 100 - one.shift.test)),
    })),
    targetServiceRevision: {
      ...revisionSummary(parts, service, one.targetRevision, of(one.targetRevision)),
      ...weightsOf(one.shift?.production, one.shift?.test),
    },
    deploymentConfiguration: one.shift?.configuration ?? service.configuration,
    ...shiftView(one),
    ...(rollback !== undefined && {
      rollback: {
        reason: rollback.reason,
        startedAt: rollback.startedAt,
        serviceRevisionArn: revisionArn(parts, service, rollback.revision),
      },
    }),
    deploymentCircuitBreaker: { status: one.breaker, failureCount: one.failures, threshold: one.threshold },
    alarms: {
      status:
        alarms.length === 0 || one.redAtStart.length > 0
          ? "DISABLED"
          : one.redNow.length > 0
            ? "TRIGGERED"
            : "MONITORING",
      alarmNames: alarms,
      triggeredAlarmNames: one.redNow,
    },
  };
}

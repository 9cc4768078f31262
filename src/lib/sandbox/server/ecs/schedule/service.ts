import type { DeploymentConfiguration } from "./configuration.ts";
import type { Shift, Side } from "./shift-state.ts";

type Fields = Readonly<Record<string, unknown>>;

/** One of `deployments` of DescribeServices. Times are epoch seconds. */
export interface Deployment {
  /** `ecs-svc/` and nineteen digits. */
  readonly id: string;
  /** `family:revision`. */
  readonly definition: string;
  /** Id of the service revision. */
  readonly revision: string;
  /** How many tasks it is to have: all of the service's, or those that still wait to be replaced. */
  readonly desired: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly rolloutStateReason: string;
  /** Consecutive, as the circuit breaker counts. */
  readonly failures: number;
  /** One of its tasks was RUNNING: from then on the breaker counts health checks only. */
  readonly hasRun: boolean;
  /** Tasks that were found healthy: each new one ends a row of failures. */
  readonly well: readonly string[];
  /** Tasks in a row that never came to RUNNING, and when the next may be started. */
  readonly startFailures: number;
  readonly startAfter: number;
  /** All its tasks are healthy, and no other is left. */
  readonly bakingSince?: number | undefined;
  readonly saidStuck?: true;
}

export type ServiceDeploymentStatus =
  | "PENDING"
  | "IN_PROGRESS"
  | "SUCCESSFUL"
  | "STOP_REQUESTED"
  | "STOPPED"
  | "ROLLBACK_REQUESTED"
  | "ROLLBACK_IN_PROGRESS"
  | "ROLLBACK_SUCCESSFUL"
  | "ROLLBACK_FAILED";

/** What ListServiceDeployments lists: one for each time that somebody changed the service, a rollback is part of it. */
export interface ServiceDeployment {
  /** The last part of its ARN. */
  readonly id: string;
  /** Of the deployment that it began. */
  readonly deployment: string;
  readonly status: ServiceDeploymentStatus;
  readonly statusReason?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly stoppedAt?: number;
  readonly updatedAt: number;
  readonly targetRevision: string;
  readonly sourceRevisions: readonly string[];
  readonly failures: number;
  readonly breaker: "MONITORING" | "MONITORING_COMPLETE" | "TRIGGERED" | "DISABLED";
  readonly threshold: number;
  readonly rollback?: { readonly reason: string; readonly startedAt: number; readonly revision: string };
  /** Alarms that it looks at: those that were red when it began are none of its business. */
  readonly alarms: readonly string[];
  readonly redAtStart: readonly string[];
  readonly redNow: readonly string[];
  /** Of one that shifts requests, which a rolling one does not. */
  readonly shift?: Shift;
}

/** What the service was told to be at one moment. */
export interface Revision {
  readonly id: string;
  readonly definition: string;
  readonly createdAt: number;
  readonly launchType: "FARGATE" | "EC2";
  readonly settings: Fields;
  /** Which of its two target groups it is behind. */
  readonly side?: Side;
}

export interface ServiceEvent {
  readonly id: string;
  readonly createdAt: number;
  readonly message: string;
}

export interface Service {
  readonly name: string;
  readonly cluster: string;
  readonly status: "ACTIVE" | "DRAINING" | "INACTIVE";
  readonly desiredCount: number;
  readonly launchType: "FARGATE" | "EC2";
  readonly createdAt: number;
  readonly createdBy: string;
  readonly graceSeconds: number;
  readonly configuration: DeploymentConfiguration;
  /** The rest, which is kept and shown. */
  readonly settings: Fields;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** The PRIMARY first; never empty. */
  readonly deployments: readonly Deployment[];
  readonly revisions: readonly Revision[];
  /** Newest first. */
  readonly history: readonly ServiceDeployment[];
  /** Newest first. */
  readonly events: readonly ServiceEvent[];
  /** Where a rollback leads: the last that was COMPLETED. Absent while none is, also during a rollback. */
  readonly completed?: Deployment;
  readonly steady: boolean;
  /** The token that it was made with, and in which words. */
  readonly madeBy?: { readonly token: string; readonly request: string };
}

export function primaryOf({ deployments: [first], name }: Service): Deployment {
  if (first === undefined) throw new Error(`service ${name} has no deployment`);
  return first;
}

/** The service deployment that is not over yet. */
export function underWay({ history }: Service): ServiceDeployment | undefined {
  return history.find(({ finishedAt }) => finishedAt === undefined);
}

const mostEvents = 100;

/** With one more event, of which the hundred newest are kept. */
export function say(service: Service, text: string, { now, mint }: Moment): Service {
  const event = { id: mint("event"), createdAt: now, message: `(service ${service.name}) ${text}` };
  return { ...service, events: [event, ...service.events].slice(0, mostEvents) };
}

export function changeDeployment(service: Service, id: string, change: Partial<Deployment>): Service {
  const deployments = service.deployments.map((one) => (one.id === id ? { ...one, ...change } : one));
  return { ...service, deployments };
}

export function changeHistory(service: Service, id: string, change: Partial<ServiceDeployment>): Service {
  return { ...service, history: service.history.map((one) => (one.id === id ? { ...one, ...change } : one)) };
}

/** What the scheduler knows of the world, beside its state. */
export interface Moment {
  /** Epoch seconds. */
  readonly now: number;
  /** A new id of that kind. */
  readonly mint: (kind: "event" | "task" | "hook") => string;
  /** Names of the alarms that are red. */
  readonly red: readonly string[];
}

import type { Service, TaskDefinition } from "@aws-sdk/client-ecs";
import { list, span } from "../../text/words.ts";
import { foreignService, ownerOf, ownerTag } from "../owner.ts";
import type { TaskDefinition as WantedDefinition, ServiceSettings } from "../task-definition.ts";
import { judgeChange, standingOf } from "./judge-change.ts";
import { judgeFitness } from "./judge-fitness.ts";
import { awsLine, type PreflightFinding } from "./finding.ts";
import { deploymentUnderWay } from "./under-way.ts";

/** One service as it is, beside what a release would make of it. */
export interface ServiceFacts {
  readonly app: string;
  readonly environment: string;
  /** Its task in threads.yml. */
  readonly task: string;
  readonly wanted: ServiceSettings;
  readonly definition: Pick<WantedDefinition, "executionRoleArn" | "taskRoleArn">;
  /** Undefined where it is not there yet. */
  readonly service: Service | undefined;
  /** Something was deployed there before: a service that is not there yet is no news where nothing was. */
  readonly isDeployed: boolean;
  /** What it runs; undefined where it is not there, or nobody has asked. */
  readonly runs: TaskDefinition | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Whether a deployment of this service could begin, and would come to an end. Pure. */
export function judgeService(facts: ServiceFacts): readonly PreflightFinding[] {
  const { service, wanted } = facts;
  if (service === undefined) return judgeAbsent(facts);
  const another = judgeOwner(facts, service);
  if (another.length > 0) return another;
  const foreign = judgeFitness(standingOf(service, wanted)).filter(({ kind }) => kind === "foreign");
  if (foreign.length > 0) return foreign;
  return [
    ...judgeUnderWay(facts, service),
    ...judgeChange(service, wanted),
    ...judgeAlarms(service),
    ...judgeRoles(facts),
  ];
}

function judgeAbsent({ wanted, environment, task, isDeployed }: ServiceFacts): readonly PreflightFinding[] {
  if (!isDeployed) return [];
  const says = `there is no service ${wanted.serviceName} in the cluster ${wanted.cluster}, and the next deployment makes it: it is new in the compose file, or somebody has deleted it`;
  return [{ state: "warn", says, next: [`threads ecs render -e ${environment} --service ${task}`] }];
}

/** What another application or environment has deployed to, no deployment of this one touches. */
function judgeOwner(
  { app, environment, wanted }: ServiceFacts,
  { serviceName: name = "", tags = [] }: Service,
): readonly PreflightFinding[] {
  const owner = tags.find(({ key }) => key === ownerTag)?.value ?? "";
  if (owner === "" || owner === ownerOf({ app, environment })) return [];
  const cluster = nameIn(wanted.cluster);
  const { says, advice } = foreignService({ name, cluster, owner }, { app, environment });
  const next = awsLine("ecs", "describe-services", "--cluster", cluster, "--services", name, "--include", "TAGS");
  return [{ state: "fail", says, next: [next], advice: [advice] }];
}

/** Of what an ARN may name. */
function nameIn(cluster: string): string {
  return cluster.slice(cluster.lastIndexOf("/") + 1);
}

function judgeUnderWay({ now, wanted }: ServiceFacts, service: Service): readonly PreflightFinding[] {
  const found = deploymentUnderWay(service);
  if (found === undefined) return [];
  const age = found.since === undefined ? "" : ` for ${span(now - found.since)}`;
  const says = `a deployment of ${wanted.serviceName} is in progress${age}: ${found.arn}`;
  const next = /:service-deployment\//.test(found.arn)
    ? awsLine("ecs", "describe-service-deployments", "--service-deployment-arns", found.arn)
    : awsLine("ecs", "describe-services", "--cluster", wanted.cluster, "--services", wanted.serviceName);
  return [{ state: "warn", says, next: [next] }];
}

/** ECS ignores all alarms of a deployment when one is red as it starts (developer guide, deployment-alarm-failure). */
function judgeAlarms({ serviceName = "", deploymentConfiguration }: Service): readonly PreflightFinding[] {
  const { enable = false, alarmNames = [] } = deploymentConfiguration?.alarms ?? {};
  if (!enable || alarmNames.length === 0) return [];
  const says = `deployments of ${serviceName} go by ${list(alarmNames)}, which threads cannot look at: one that is red when a deployment starts makes ECS ignore all of them`;
  const next = awsLine("cloudwatch", "describe-alarms", "--state-value", "ALARM", "--alarm-names", ...alarmNames);
  return [{ state: "warn", says, next: [next] }];
}

/** A service that runs as somebody else: what passes the roles of threads.yml is not what it has. */
function judgeRoles({ runs, definition, environment, task, wanted }: ServiceFacts): readonly PreflightFinding[] {
  if (runs === undefined) return [];
  const differing = (["executionRoleArn", "taskRoleArn"] as const).filter((key) => runs[key] !== definition[key]);
  return differing.map((key) => ({
    state: "warn",
    says: `${wanted.serviceName} runs with ${runs[key] ?? "none"} as ${key}, and threads.yml has ${definition[key] ?? "none"}: the next deployment changes that`,
    next: [`threads ecs render -e ${environment} --diff --service ${task}`],
  }));
}

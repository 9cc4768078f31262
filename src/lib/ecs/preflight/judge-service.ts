import type { Service, TaskDefinition } from "@aws-sdk/client-ecs";
import { list, span } from "../../text/words.ts";
import type { TaskDefinition as WantedDefinition, ServiceSettings } from "../task-definition.ts";
import { judgeChange, standingOf } from "./judge-change.ts";
import { judgeFitness } from "./judge-fitness.ts";
import { awsLine, type PreflightFinding } from "./finding.ts";
import { deploymentUnderWay } from "./under-way.ts";

/** One service as it is, beside what a release would make of it. */
export interface ServiceFacts {
  readonly environment: string;
  /** Its task in threads.yml. */
  readonly task: string;
  readonly wanted: ServiceSettings;
  readonly definition: Pick<WantedDefinition, "executionRoleArn" | "taskRoleArn">;
  /** Undefined where it is not there yet. */
  readonly service: Service | undefined;
  /** What it runs; undefined where it is not there, or nobody has asked. */
  readonly runs: TaskDefinition | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Whether a deployment of this service could begin, and would come to an end. Pure. */
export function judgeService(facts: ServiceFacts): readonly PreflightFinding[] {
  const { service, wanted, environment, task } = facts;
  const { cluster, serviceName: name } = wanted;
  if (service === undefined)
    return [
      {
        state: "warn",
        says: `there is no service ${name} in the cluster ${cluster} yet`,
        next: [`threads ecs render -e ${environment} --service ${task}`],
      },
    ];
  const foreign = judgeFitness(standingOf(service, wanted)).filter(({ kind }) => kind === "foreign");
  if (foreign.length > 0) return foreign;
  return [
    ...judgeUnderWay(facts, service),
    ...judgeChange(service, wanted),
    ...judgeAlarms(service),
    ...judgeRoles(facts),
  ];
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

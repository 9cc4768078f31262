import type { Config } from "../config/config.ts";
import { documentOf, type Permission, type PolicyDocument } from "../iam/document.ts";
import { arnsOf, type IamSubject } from "../iam/subject.ts";
import { secretOf } from "../config/secret-of.ts";
import { environmentsOnEcs, nameIn } from "./clusters.ts";
import type { SandboxRole } from "./server/iam/access-control.ts";

/**
 * The roles that threads.yml names for tasks: by the first ECS pulls images, reads settings and writes logs; the application's own
 * is there to be passed, and may do nothing, as there is nothing in the sandbox that a task would ask.
 * @param trust who may take them beside ECS
 */
export function taskRoles(
  config: Pick<Config, "environments" | "runtime">,
  subject: Pick<IamSubject, "account" | "region">,
  trust: PolicyDocument,
): readonly SandboxRole[] {
  const wanted = new Map<string, Permission[]>();
  const add = (arn: string, permissions: readonly Permission[]): void => {
    const name = nameIn(arn);
    wanted.set(name, [...(wanted.get(name) ?? []), ...permissions]);
  };
  for (const { ecs, envFrom = config.runtime.envFrom } of environmentsOnEcs(config)) {
    add(ecs.executionRole, [execution, ...readSettings(subject, envFrom)]);
    if (ecs.taskRole !== undefined) add(ecs.taskRole, []);
  }
  return [...wanted].map(([name, permissions]) => ({
    name,
    policy: documentOf(permissions.map((one, at) => ({ ...one, sid: `${one.sid}${at}` }))),
    trust: { ...trust, Statement: [...trust.Statement, byEcs] },
  }));
}

const byEcs = {
  Sid: "Tasks",
  Effect: "Allow",
  Principal: { Service: "ecs-tasks.amazonaws.com" },
  Action: ["sts:AssumeRole"],
} as const;

/** AWS's own AmazonECSTaskExecutionRolePolicy (managed policy reference). */
const execution: Permission = {
  sid: "Execution",
  actions: {
    "ecr:GetAuthorizationToken": "ECS pulls images",
    "ecr:BatchCheckLayerAvailability": "ECS pulls images",
    "ecr:GetDownloadUrlForLayer": "ECS pulls images",
    "ecr:BatchGetImage": "ECS pulls images",
    "logs:CreateLogStream": "ECS writes what containers say",
    "logs:PutLogEvents": "ECS writes what containers say",
  },
  resources: ["*"],
};

function readSettings(subject: Pick<IamSubject, "account" | "region">, envFrom: string | undefined): Permission[] {
  if (envFrom === undefined) return [];
  const { parameter, secret } = arnsOf(subject);
  const name = secretOf(envFrom);
  const why = "ECS reads the application's settings";
  return [
    name === undefined
      ? {
          sid: "Settings",
          actions: { "ssm:GetParameters": why },
          resources: [parameter(`${envFrom.replace(/\/$/, "")}/*`)],
        }
      : { sid: "Settings", actions: { "secretsmanager:GetSecretValue": why }, resources: [secret(name)] },
  ];
}

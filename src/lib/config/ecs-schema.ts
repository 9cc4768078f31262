import { z } from "zod";
import { shift } from "./ecs-shift-schema.ts";

// What an environment on ECS is made of. What runs there the release says; here stands where, and with how much room.

const roleArn = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "the ARN of an IAM role");
/** ECS: up to 255 letters, digits, - and _. */
const ecsName = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, "up to 255 letters, digits, - and _");
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable's name");

const task = z
  .strictObject({
    containers: z
      .array(z.string().min(1))
      .min(1)
      .max(10)
      .optional()
      .describe(
        "Services of the compose file that are one task, and so change together; the one of this name where absent",
      ),
    name: ecsName.optional().describe("Of the ECS service; application, environment and this name where absent"),
    family: ecsName.optional().describe("Of its task definitions; the same where absent"),
    cpu: z.number().int().min(128).max(196_608).default(256).describe("CPU units of a task, 1024 a core"),
    memory: z.number().int().min(6).max(2_000_000).default(512).describe("MiB of a task"),
    desired: z
      .number()
      .int()
      .min(0)
      .max(5000)
      .optional()
      .describe("Tasks of a service that is made anew; what the compose file says where absent"),
    target_group: z
      .string()
      .regex(/^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/\S+$/, "the ARN of a target group")
      .optional()
      .describe("Target group of a load balancer that sends requests to it"),
    port: z
      .number()
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe("Port inside the container to which they go, where the compose file publishes several"),
    grace: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe("Seconds for which a new task's failing checks do not count (healthCheckGracePeriodSeconds)"),
    shift: shift
      .optional()
      .describe("New tasks beside the old ones, and requests that go over; tasks replaced one by one where absent"),
  })
  .transform(({ target_group: targetGroup, ...rest }) => ({
    ...rest,
    ...(targetGroup !== undefined && { targetGroup }),
  }));

/** What a compose file may ask for, and an environment may go without: nothing else is ever left out. */
const dispensable = ["no-new-privileges"] as const;

export const ecs = z
  .strictObject({
    cluster: z
      .string()
      .regex(
        /^(?:arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:cluster\/)?[A-Za-z0-9_-]{1,255}$/,
        "up to 255 letters, digits, - and _, or the ARN of a cluster",
      )
      .describe("Name or ARN of the cluster"),
    launch_type: z.enum(["FARGATE", "EC2"]).default("FARGATE").describe("On whose machines tasks run"),
    subnets: z
      .array(z.string().regex(/^subnet-[0-9a-f]+$/, "subnet-…"))
      .min(1)
      .max(16)
      .describe("Subnets in which tasks run"),
    security_groups: z
      .array(z.string().regex(/^sg-[0-9a-f]+$/, "sg-…"))
      .min(1)
      .max(5)
      .describe("Security groups of tasks"),
    public_ip: z.boolean().default(false).describe("Whether tasks get public addresses, as a subnet without NAT needs"),
    execution_role: roleArn.describe("Role by which ECS itself pulls images, reads settings and writes logs"),
    task_role: roleArn.optional().describe("Role that the application has there; none where absent"),
    log_group: z
      .string()
      .regex(/^[.\-_/#A-Za-z0-9]{1,512}$/, "a name of a log group: letters, digits and . - _ / #")
      .optional()
      .describe("Log group of CloudWatch Logs; /application/environment where absent"),
    settings: z
      .array(variableName)
      .min(1)
      .optional()
      .describe("Names of what env_from has for the application; asked of Parameter Store where absent"),
    variables: z
      .record(
        variableName,
        z.union([z.string(), z.number(), z.boolean()], "a text, a number, true or false").transform(String),
      )
      .default({})
      .describe(
        "Values of variables of the compose file (${NAME}) on ECS: no secrets, whoever may describe a task reads them",
      ),
    without: z
      .array(z.enum(dispensable))
      .default([])
      .describe("What the compose file asks for and Fargate does not have, and this environment goes without"),
    services: z
      .record(ecsName, task)
      .default({})
      .describe("Tasks by name: which containers belong together, and how much room they have"),
  })
  .transform(({ launch_type, security_groups, public_ip, execution_role, task_role, log_group, ...rest }) => ({
    ...rest,
    launchType: launch_type,
    securityGroups: security_groups,
    publicIp: public_ip,
    executionRole: execution_role,
    ...(task_role !== undefined && { taskRole: task_role }),
    ...(log_group !== undefined && { logGroup: log_group }),
  }));

import type { Access } from "../../../iam/evaluate.ts";
import type { AccessOf } from "../protocol.ts";
import { arn, definitionArn, type EcsParts, findDefinition, type Input, keyOf, lastPart } from "./parts.ts";

/**
 * What requests do to which resources (service authorization reference, Amazon ECS). Whoever names a role for a task passes it to
 * ECS, which is a right of its own.
 */
export function ecsAccesses(parts: EcsParts): Readonly<Record<string, AccessOf>> {
  // Definitions are of no cluster, and one that is made is not yet a condition.
  const everywhere = [
    "DescribeTaskDefinition",
    "DeregisterTaskDefinition",
    "ListTaskDefinitions",
    "ListTaskDefinitionFamilies",
    "CreateCluster",
  ];
  const inOne = ["ListServices", "ListTasks"];
  const onAll = (name: string, context: (input: Input) => Access["context"]): [string, AccessOf] => [
    name,
    (input) => [one(name, "*", context(input))],
  ];
  return {
    ...Object.fromEntries(everywhere.map((name) => onAll(name, () => ({})))),
    ...Object.fromEntries(inOne.map((name) => onAll(name, (input) => inCluster(parts, input)))),
    ...serviceAccesses(parts),
    ...taskAccesses(parts),
    ListContainerInstances: (input) => [one("ListContainerInstances", arn(parts, `cluster/${clusterIn(input)}`))],
    DescribeContainerInstances: named(parts, "container-instance")(
      "DescribeContainerInstances",
      ({ containerInstances }) => containerInstances,
    ),
    DescribeClusters: ({ clusters = "default" }) =>
      [clusters].flat().map((name) => one("DescribeClusters", arn(parts, `cluster/${lastPart(text(name))}`))),
    RegisterTaskDefinition: (input) => [
      one("RegisterTaskDefinition", "*"),
      // With tags it is an action more (developer guide, "Grant permission to tag resources on creation").
      ...(Array.isArray(input["tags"]) && input["tags"].length > 0 ? [tagged(parts, text(input["family"]))] : []),
      ...passed(input),
    ],
  };
}

function serviceAccesses(parts: EcsParts): Readonly<Record<string, AccessOf>> {
  const on = named(parts, "service");
  return {
    CreateService: (input) => [...on("CreateService", ({ serviceName }) => serviceName)(input), ...shifting(input)],
    UpdateService: (input) => [...on("UpdateService", ({ service }) => service)(input), ...shifting(input)],
    DeleteService: on("DeleteService", ({ service }) => service),
    DescribeServices: on("DescribeServices", ({ services }) => services),
    ListServiceDeployments: on("ListServiceDeployments", ({ service }) => service),
    DescribeServiceDeployments: byArn("DescribeServiceDeployments", "serviceDeploymentArns"),
    DescribeServiceRevisions: byArn("DescribeServiceRevisions", "serviceRevisionArns"),
    StopServiceDeployment: byArn("StopServiceDeployment", "serviceDeploymentArn"),
    ContinueServiceDeployment: byArn("ContinueServiceDeployment", "serviceDeploymentArn"),
    TagResource: byArn("TagResource", "resourceArn"),
  };
}

function taskAccesses(parts: EcsParts): Readonly<Record<string, AccessOf>> {
  const on = named(parts, "task");
  return {
    StopTask: on("StopTask", ({ task }) => task),
    DescribeTasks: on("DescribeTasks", ({ tasks }) => tasks),
    RunTask: (input) => {
      const wanted = text(input["taskDefinition"]);
      const found = findDefinition(parts.store.state, wanted);
      // A family alone is its newest revision, to IAM too (API reference, RunTask).
      const key = found === undefined ? wanted.slice(wanted.lastIndexOf("/") + 1) : keyOf(found);
      const roles = { ...found?.body, ...(input["overrides"] as Input | undefined) };
      return [one("RunTask", definitionArn(parts, key), inCluster(parts, input)), ...passed(roles)];
    },
  };
}

function one(operation: string, resource: string, context: Access["context"] = {}): Access {
  return { action: `ecs:${operation}`, resource, context };
}

function clusterIn({ cluster }: Input): string {
  return lastPart(text(cluster) || "default");
}

function inCluster(parts: EcsParts, input: Input): Access["context"] {
  return { "ecs:cluster": arn(parts, `cluster/${clusterIn(input)}`) };
}

/** Services, tasks and instances are named in a cluster. */
function named(parts: EcsParts, kind: "service" | "task" | "container-instance") {
  return (operation: string, names: (input: Input) => unknown): ((input: Input) => readonly Access[]) =>
    (input) =>
      [names(input)].flat().map((name) => {
        const resource = arn(parts, `${kind}/${clusterIn(input)}/${lastPart(text(name))}`);
        return one(operation, resource, inCluster(parts, input));
      });
}

function byArn(operation: string, key: string): AccessOf {
  return (input) => [input[key]].flat().map((given) => one(operation, text(given)));
}

function tagged(parts: EcsParts, family: string): Access {
  return one("TagResource", definitionArn(parts, `${family}:*`), { "ecs:CreateAction": "RegisterTaskDefinition" });
}

function passed({ taskRoleArn, executionRoleArn }: Input): readonly Access[] {
  const roles = [...new Set([taskRoleArn, executionRoleArn].filter((role) => typeof role === "string"))];
  const context = { "iam:PassedToService": "ecs-tasks.amazonaws.com" };
  return roles.map((resource) => ({ action: "iam:PassRole", resource, context }));
}

/** Whoever names the role by which ECS changes listener rules passes it, and not to tasks. */
function shifting({ loadBalancers }: Input): readonly Access[] {
  const balancers = Array.isArray(loadBalancers) ? (loadBalancers as readonly Input[]) : [];
  const roles = balancers.map((one) => (one["advancedConfiguration"] as Input | null | undefined)?.["roleArn"]);
  const context = { "iam:PassedToService": "ecs.amazonaws.com" };
  return [...new Set(roles.filter((role) => typeof role === "string"))].map((resource) => ({
    action: "iam:PassRole",
    resource,
    context,
  }));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

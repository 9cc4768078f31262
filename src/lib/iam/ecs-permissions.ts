import type { Permission } from "./document.ts";
import { arnsOf, type IamEcs, type IamSubject } from "./subject.ts";

// Which action is judged by which resource, and knows which condition, stands in the service authorization reference, Amazon ECS.

/** In one cluster. */
const looks = {
  "ecs:DescribeServices": "tells what services run, and how they change",
  "ecs:ListTasks": "finds the tasks that run",
  "ecs:DescribeTasks": "tells which images they run, by digest, and how they ended",
};
const finds = { "ecs:ListServices": "finds services that a release has made" };
const follows = {
  "ecs:DescribeServiceDeployments": "tells how ECS's own deployment ended: what else it says is no proof",
};
/** What knows no cluster. */
const reads = {
  "ecs:DescribeClusters": "tells whether the cluster is there",
  "ecs:DescribeTaskDefinition": "reads what a service runs",
  "ecs:ListTaskDefinitions": "finds the newest definitions",
};

/** What ECS is asked by whoever looks. */
export function lookAtEcs(subject: IamSubject, all: readonly IamEcs[]): readonly Permission[] {
  if (all.length === 0) return [];
  const { inCluster } = arnsOf(subject);
  return [
    {
      sid: "LookAtCluster",
      actions: { ...looks, ...finds },
      // What is in other clusters it does not see.
      resources: ["*"],
      condition: { StringEquals: { "ecs:cluster": all.map(({ cluster }) => inCluster("cluster", cluster)) } },
    },
    {
      sid: "SeeDeployments",
      actions: follows,
      resources: all.flatMap((ecs) => deploymentsOf(subject, ecs)),
    },
    {
      sid: "ReadDefinitions",
      actions: { ...reads, "ecs:ListTaskDefinitionFamilies": "finds the application's families" },
      resources: ["*"],
    },
  ];
}

/** What ECS is told by whoever deploys: services and families of the environment in its cluster, and two roles to pass. */
export function deployToEcs(subject: IamSubject, ecs: IamEcs): readonly Permission[] {
  const { inCluster, definition } = arnsOf(subject);
  const condition = { StringEquals: { "ecs:cluster": inCluster("cluster", ecs.cluster) } };
  const services = ecs.services.map((name) => inCluster("service", `${ecs.cluster}/${name}`));
  const definitions = ecs.families.map((family) => definition(`${family}:*`));
  return [
    {
      sid: "InCluster",
      actions: {
        ...looks,
        ...finds,
        "ecs:StopTask": "ends a migration that outlives its time, and that of a second Ctrl-C",
      },
      resources: ["*"],
      condition,
    },
    ...changeServices(subject, ecs, services),
    ...runDefinitions(ecs, definitions, condition),
    {
      sid: "Mark",
      actions: { "ecs:TagResource": "writes onto services and definitions which release and deployment they are of" },
      resources: [...services, ...definitions],
    },
  ];
}

function changeServices(subject: IamSubject, ecs: IamEcs, services: readonly string[]): readonly Permission[] {
  const { inCluster } = arnsOf(subject);
  return [
    {
      sid: "ChangeServices",
      actions: {
        "ecs:CreateService": "makes what a release has for the first time",
        "ecs:UpdateService": "brings a service to a release, and back",
        "ecs:DeleteService": "takes away what a deployment has made, and goes back from",
      },
      resources: services,
      condition: { StringEquals: { "ecs:cluster": inCluster("cluster", ecs.cluster) } },
    },
    {
      sid: "FollowDeployments",
      actions: {
        ...follows,
        "ecs:ListServiceDeployments":
          "finds what a service has run, by ECS's own record, before it is told to run that again",
        "ecs:DescribeServiceRevisions": "reads which definition that was",
        "ecs:StopServiceDeployment": "goes back while a deployment is still under way",
        "ecs:ContinueServiceDeployment":
          "lets a deployment go on that waits at a pause, once a person has approved it, or on a way back",
      },
      resources: deploymentsOf(subject, ecs),
    },
  ];
}

/** Services, and what is called as they are: their deployments. */
function deploymentsOf(subject: IamSubject, { cluster, services }: IamEcs): readonly string[] {
  const { inCluster } = arnsOf(subject);
  return services.flatMap((name) => [
    inCluster("service", `${cluster}/${name}`),
    inCluster("service-*", `${cluster}/${name}/*`),
  ]);
}

/** Whoever may register definitions and pass a role can run anything as it: which roles is the whole of it. */
function runDefinitions(
  { roles, shifting }: IamEcs,
  definitions: readonly string[],
  condition: NonNullable<Permission["condition"]>,
): readonly Permission[] {
  return [
    {
      sid: "Definitions",
      actions: {
        ...reads,
        "ecs:RegisterTaskDefinition": "tells ECS what a release is: whose images, and whose roles",
      },
      resources: ["*"],
    },
    {
      sid: "RunOnce",
      actions: { "ecs:RunTask": "runs the migration, by a definition of the environment and in its cluster alone" },
      resources: definitions,
      condition,
    },
    {
      sid: "PassRoles",
      actions: {
        "iam:PassRole": "gives tasks the roles of threads.yml, and none other: whoever may pass one acts as it",
      },
      resources: roles,
      condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
    ...(shifting.length === 0
      ? []
      : [
          {
            sid: "PassShiftingRoles",
            actions: {
              "iam:PassRole": "lets ECS itself change the listener rules of threads.yml, when a service is made",
            },
            resources: shifting,
            condition: { StringEquals: { "iam:PassedToService": "ecs.amazonaws.com" } },
          },
        ]),
  ];
}

/** Whether the group is there: without it no task starts. */
export function findLogGroups(all: readonly IamEcs[]): readonly Permission[] {
  if (all.length === 0) return [];
  const actions = { "logs:DescribeLogGroups": "tells whether tasks have a log group to write into" };
  return [{ sid: "FindLogGroups", actions, resources: ["*"] }];
}

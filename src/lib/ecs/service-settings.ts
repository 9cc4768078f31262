import { list } from "../text/words.ts";
import { serviceName } from "../config/ecs-names.ts";
import { changeOf } from "./change.ts";
import { type EcsFacts, taskKey } from "./facts.ts";
import type { Group } from "./groups.ts";
import type { Report } from "./report.ts";
import { shiftChange, shiftOf, withAlternate } from "./shift-settings.ts";
import type { ContainerDefinition, LoadBalancer, ServiceSettings } from "./task-definition.ts";
import type { WrittenService } from "./written-service.ts";

/** What ECS calls a task's service, and its definitions. */
export function namesOf(
  { app, environment }: EcsFacts,
  { name, config }: Group,
): { readonly service: string; readonly family: string } {
  const service = serviceName(config, { app, environment, task: name });
  return { service, family: config.family ?? service };
}

/** How ECS keeps a task running, and how it changes one release for another. */
export function serviceOf(
  group: Group,
  containers: readonly ContainerDefinition[],
  facts: EcsFacts,
  report: Report,
): ServiceSettings {
  const { ecs, singletons } = facts;
  const isSingle = group.members.some((name) => singletons.includes(name));
  const balancer = loadBalancerOf(group, containers, facts, report);
  const shift = shiftOf(group, facts, report);
  const { grace } = group.config;
  return {
    cluster: ecs.cluster,
    serviceName: namesOf(facts, group).service,
    launchType: ecs.launchType,
    desiredCount: group.config.desired ?? (isSingle ? 1 : replicasOf(group, facts, report)),
    deploymentController: { type: "ECS" },
    deploymentConfiguration: shift === undefined ? changeOf(isSingle) : shiftChange(shift),
    // To move a task to another zone ECS starts the second before it stops the first.
    availabilityZoneRebalancing: isSingle ? "DISABLED" : "ENABLED",
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: ecs.subnets,
        securityGroups: ecs.securityGroups,
        assignPublicIp: ecs.publicIp ? "ENABLED" : "DISABLED",
      },
    },
    ...(balancer !== undefined && { loadBalancers: [withAlternate(balancer, shift)] }),
    ...(grace !== undefined && { healthCheckGracePeriodSeconds: grace }),
    propagateTags: "TASK_DEFINITION",
  };
}

/** How many of each the compose file has: a task has one container of each, so they have to agree. */
function replicasOf({ name, members }: Group, facts: EcsFacts, { problems }: Report): number {
  const replicas = members.map((one) => {
    const { scale, deploy } = facts.model.services[one] as WrittenService;
    return Number(scale ?? deploy?.replicas ?? 1);
  });
  const [first = 1, ...more] = new Set(replicas);
  if (more.length > 0)
    problems.push({
      says: `${taskKey(facts, name)} puts ${list(members)} together, and the compose file has ${list(replicas.map(String))} of them: say desired there`,
    });
  return Number.isNaN(first) ? 1 : first;
}

function loadBalancerOf(
  { name, config: { targetGroup, port, grace }, members }: Group,
  containers: readonly ContainerDefinition[],
  facts: EcsFacts,
  { problems, notes }: Report,
): LoadBalancer | undefined {
  const open = containers.flatMap((container) =>
    (container.portMappings ?? []).map(({ containerPort }) => ({ containerName: container.name, containerPort })),
  );
  const key = taskKey(facts, name);
  if (targetGroup === undefined) {
    for (const [own, value] of Object.entries({ port, grace }))
      if (value !== undefined) problems.push({ says: `${key}.${own} is for a target_group, and there is none` });
    if (open.length > 0)
      notes.push({
        service: list(members),
        says: `publishes ${list(open.map((one) => String(one.containerPort)))}, and no target group sends requests there (${key}.target_group)`,
      });
    return undefined;
  }
  const fit = port === undefined ? open : open.filter((one) => one.containerPort === port);
  const [only, ...more] = fit;
  if (only !== undefined && more.length === 0) return { targetGroupArn: targetGroup, ...only };
  const says =
    open.length === 0
      ? `${key} has a target group, and ${list(members)} publishes no port in the compose file`
      : `${key} has a target group, and the compose file publishes ${list(open.map((one) => `${one.containerPort} of ${one.containerName}`))}: name ${port === undefined ? "one of them as" : "another"} port`;
  problems.push({ says });
  return undefined;
}

/** What containers of a task have in common: its room, and its ports. */
export function judgeRoom(
  { name, config: { memory, cpu } }: Group,
  containers: readonly ContainerDefinition[],
  facts: EcsFacts,
  { problems }: Report,
): void {
  const key = taskKey(facts, name);
  const sum = (of: (container: ContainerDefinition) => number | undefined): number =>
    containers.reduce((all, container) => all + (of(container) ?? 0), 0);
  const tooLarge = containers.find((one) => (one.memory ?? 0) > memory);
  if (tooLarge !== undefined)
    problems.push({
      says: `${key}.memory is ${memory} MiB, and ${tooLarge.name} alone may have ${tooLarge.memory ?? 0} MiB: raise it`,
    });
  const reserved = sum((one) => one.memoryReservation ?? one.memory);
  if (tooLarge === undefined && reserved > memory)
    problems.push({
      says: `${key}.memory is ${memory} MiB, and its containers want ${reserved} MiB together: raise it`,
    });
  for (const [port, owners] of portOwners(containers))
    if (owners.length > 1)
      problems.push({
        says: `${key} has ${port} twice, in ${list(owners)}: containers of one task share one network, so let one listen on another port, or give it a task of its own`,
      });
  const cpus = sum((one) => one.cpu);
  if (cpus > cpu)
    problems.push({ says: `${key}.cpu is ${cpu} units, and its containers want ${cpus} together: raise it` });
}

/** Which containers listen on each port, `8080/tcp`. */
function portOwners(containers: readonly ContainerDefinition[]): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>();
  for (const { name, portMappings = [] } of containers)
    for (const { containerPort, protocol } of portMappings) {
      // What is no number is refused as such.
      if (!(containerPort > 0)) continue;
      const port = `${containerPort}/${protocol}`;
      owners.set(port, [...(owners.get(port) ?? []), name]);
    }
  return owners;
}

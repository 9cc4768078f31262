import type { Problem } from "../compose/problem.ts";
import type { OpenService, RawMount } from "../compose/raw-model.ts";
import { wantedKeys } from "../compose/required-keys.ts";
import { endingsOf } from "../compose/stack-model.ts";
import { list } from "../text/words.ts";
import { tellAddresses } from "./addresses.ts";
import { containerOf } from "./container.ts";
import { withDependencies } from "./depends-on.ts";
import { type EcsFacts, ownVariables, taskKey, variablesKey } from "./facts.ts";
import { type Group, groupsOf } from "./groups.ts";
import { insidePorts } from "./ports.ts";
import { mappingOf } from "./mappings.ts";
import { type Report, reportOf } from "./report.ts";
import { judgeRoom, namesOf, serviceOf } from "./service-settings.ts";
import type { Reach } from "./storage.ts";
import type { ContainerDefinition, ServiceSettings, TaskDefinition } from "./task-definition.ts";
import { filled, filledIn } from "./variables.ts";
import type { AsPrinted, WrittenService } from "./written-service.ts";

/** What ECS is told of one task of a release. */
export interface Task {
  readonly name: string;
  readonly taskDefinition: TaskDefinition;
  /** Null where it is run once a deployment. */
  readonly service: ServiceSettings | null;
}

export interface Translation {
  readonly tasks: readonly Task[];
  /** What ECS has nothing for. */
  readonly problems: readonly Problem[];
  /** What is otherwise there, and stops nothing. */
  readonly notes: readonly (Problem & { readonly task: string })[];
}

/** Bytes of a definition, its containers and all (developer guide, service quotas: "Task definition size"). */
const mostBytes = 64 * 1024;

/**
 * What ECS runs of a release: task definitions, with images by digest and settings by reference, and the services that keep them
 * running. Pure: the same release and the same threads.yml always give the same. What cannot be translated is a problem, and the
 * tasks are whole only where there is none.
 */
export function translate(facts: EcsFacts): Translation {
  const report: Report = { problems: [], notes: [] };
  const services = Object.fromEntries(
    Object.entries(facts.model.services).map(([name, service]) => [name, withVariables(name, service, facts, report)]),
  );
  const read = { ...facts, model: { ...facts.model, services: services as EcsFacts["model"]["services"] } };
  missingSettings(facts, report);
  const groups = groupsOf(read, report);
  const made = groups.map((group) => {
    const own: Report = { problems: report.problems, notes: [] };
    const task = taskOf(group, groups, read, own);
    return { task, notes: own.notes.map((note) => ({ ...note, task: task.name })) };
  });
  return {
    tasks: made.map(({ task }) => task),
    problems: report.problems,
    notes: made.flatMap(({ notes }) => notes),
  };
}

/** Its variables and files of variables are read where they become a container's; all else is filled in here. */
function withVariables(name: string, service: OpenService, facts: EcsFacts, report: Report): WrittenService {
  const { environment, labels, env_file: envFile, image, ...others } = service as AsPrinted;
  const own = reportOf(name, report);
  const rest = {
    ...others,
    ...(labels && { labels: mappingOf(labels, "labels", own) }),
    ...(service.ports !== undefined && { ports: insidePorts(service.ports) }),
  };
  const set = ownVariables(facts);
  const fill = (text: string, path: string): string => {
    const { text: value, open, names } = filled(text, set);
    const settings = names.filter((one) => !set.has(one) && facts.settings.names?.has(one) === true);
    if (settings.length > 0)
      own.refuse(
        `takes ${list(settings)} for its ${path}, which ${facts.settings.from ?? ""} sets, and ECS reads no setting there: write its value into ${variablesKey(facts)}`,
      );
    else if (open.length > 0)
      own.refuse(
        `takes ${list(open)} of a host for its ${path}, and ECS sets nothing there: write a default into the compose file, or its value into ${variablesKey(facts)}`,
      );
    return value;
  };
  return {
    ...filledIn(rest, fill),
    ...(image !== undefined && { image }),
    ...(environment && { environment: mappingOf(environment, "environment", own) }),
    ...(envFile !== undefined && { env_file: envFile }),
  };
}

/** What the model itself wants (`${NAME:?}`) is judged where it stands: which port a host publishes ECS never asks. */
function missingSettings({ requiredKeys, model, settings, environment }: EcsFacts, { problems }: Report): void {
  const { from, names } = settings;
  if (names === undefined && from !== undefined) return;
  const wanted = new Set(wantedKeys(model));
  const missing = requiredKeys.filter((key) => names?.has(key) !== true && !wanted.has(key));
  if (missing.length === 0) return;
  problems.push({
    says:
      from === undefined
        ? `the release needs ${list(missing)} (x-required-env), and environments.${environment} has no env_from to take them from`
        : `the release needs ${list(missing)} (x-required-env), which ${from} does not have: put them there`,
  });
}

function taskOf(group: Group, groups: readonly Group[], facts: EcsFacts, report: Report): Task {
  const services = Object.fromEntries(
    group.members.map((name) => [name, facts.model.services[name] as WrittenService] as const),
  );
  const endings = endingsOf(facts.model.services);
  const reachOf = (volume: string): Reach => {
    const mounts = (of: Group): number => of.members.flatMap((name) => mountsIn(facts, name, volume)).length;
    if (groups.some((other) => other !== group && mounts(other) > 0)) return "tasks";
    return mounts(group) > 1 ? "task" : "container";
  };
  const alone = Object.entries(services).map(([name, service]) => {
    const ending = endings[name] ?? "never";
    const isOneShot = group.kind === "one-off" || ending !== "never";
    const around = { task: group.name, memory: group.config.memory, ending, isOneShot, reachOf };
    if (group.kind === "service" && ending !== "never" && !(ending === "must" && group.members.length > 1))
      reportOf(name, report).refuse(
        "ends by itself (restart), and ECS would start it again and again: leave it out, or name it as runtime.migrate, or write restart: unless-stopped",
      );
    return containerOf(name, service, around, facts, reportOf(name, report));
  });
  const containers = withDependencies({ services, containers: alone }, report);
  tellUnwatched(group, containers, report);
  judgeRoom(group, containers, facts, report);
  const named = group.members.map((name, at) => [name, alone[at] ?? {}] as const);
  tellAddresses(group, named, facts, report);
  const taskDefinition = definitionOf(group, containers, facts, report);
  return {
    name: group.name,
    taskDefinition,
    service: group.kind === "one-off" ? null : serviceOf(group, containers, facts, report),
  };
}

function mountsIn({ model }: EcsFacts, name: string, volume: string): readonly RawMount[] {
  return (model.services[name]?.volumes ?? []).filter(({ type, source }) => type === "volume" && source === volume);
}

/** The breaker sees only what somebody looks at (API reference, DeploymentConfiguration: minimumHealthyPercent). */
function tellUnwatched(
  { kind, members, config }: Group,
  containers: readonly ContainerDefinition[],
  { notes }: Report,
): void {
  if (kind === "one-off" || config.targetGroup !== undefined) return;
  if (containers.length === 0 || containers.some(({ healthCheck }) => healthCheck !== undefined)) return;
  const says = `${members.length > 1 ? "have" : "has"} no health check: ECS takes it for well once it has run for 40 s, and goes back from no release that is sick`;
  notes.push({ service: list(members), says });
}

function definitionOf(
  group: Group,
  containers: readonly ContainerDefinition[],
  facts: EcsFacts,
  report: Report,
): TaskDefinition {
  const { ecs } = facts;
  const platform = platformOf(group, facts, report);
  const volumes = [
    ...new Set(containers.flatMap(({ mountPoints = [] }) => mountPoints.map((mount) => mount.sourceVolume))),
  ];
  const definition: TaskDefinition = {
    family: namesOf(facts, group).family,
    networkMode: "awsvpc",
    requiresCompatibilities: [ecs.launchType],
    cpu: String(group.config.cpu),
    memory: String(group.config.memory),
    executionRoleArn: ecs.executionRole,
    ...(ecs.taskRole !== undefined && { taskRoleArn: ecs.taskRole }),
    ...(platform !== undefined && { runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: platform } }),
    containerDefinitions: containers,
    ...(volumes.length > 0 && { volumes: volumes.map((name) => ({ name })) }),
    tags: [
      { key: "threads:release", value: facts.revision },
      { key: "threads:bundle", value: facts.bundle },
    ],
  };
  const bytes = Buffer.byteLength(JSON.stringify(definition));
  if (bytes > mostBytes)
    report.problems.push({
      says: `${taskKey(facts, group.name)} makes a definition of ${Math.ceil(bytes / 1024)} KiB, and ECS takes 64 KiB`,
    });
  return definition;
}

const architectures: Readonly<Record<string, "X86_64" | "ARM64">> = { amd64: "X86_64", arm64: "ARM64" };

/** ECS takes X86_64 for what is not said, and an image for ARM fails when it starts. */
function platformOf(
  { members, name }: Group,
  facts: EcsFacts,
  { problems }: { readonly problems: Problem[] },
): "X86_64" | "ARM64" | undefined {
  const known = members.flatMap((one) => facts.imageFacts[one]?.architecture ?? []);
  const [first, ...more] = new Set(known);
  if (first === undefined) return undefined;
  if (more.length > 0)
    problems.push({
      says: `${taskKey(facts, name)} has images for ${list([first, ...more])}: containers of one task run on one machine`,
    });
  if (architectures[first] === undefined)
    problems.push({ says: `${taskKey(facts, name)} has images for ${first}, and ECS runs amd64 and arm64` });
  return architectures[first];
}

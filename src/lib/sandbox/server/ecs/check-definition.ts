import { checkContainer, isGiven } from "./check-container.ts";
import { cpuUnits, isFargateSize, mebibytes } from "./fargate.ts";
import { clientError, type Input, nameRule, read } from "./parts.ts";

const networkModes = ["bridge", "host", "awsvpc", "none"] as const;
const compatibilities = ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"] as const;
const mostContainers = 10;
const mostBytes = 64 * 1024;
export const mostTags = 50;

/** All that is known of RegisterTaskDefinition's fields: what is none of them is lost in silence, as AWS does with JSON. */
const fields = [
  "family",
  "taskRoleArn",
  "executionRoleArn",
  "networkMode",
  "containerDefinitions",
  "volumes",
  "placementConstraints",
  "requiresCompatibilities",
  "cpu",
  "memory",
  "pidMode",
  "ipcMode",
  "proxyConfiguration",
  "inferenceAccelerators",
  "ephemeralStorage",
  "runtimePlatform",
  "enableFaultInjection",
] as const;

/** What tasks have in AWS, and would go without here. */
const unknown = ["inferenceAccelerators", "ipcMode", "pidMode", "proxyConfiguration"] as const;

/**
 * What RegisterTaskDefinition refuses, in AWS's own words where real accounts have shown them; otherwise in words of the same kind.
 * @returns what is kept of it
 * @throws ServiceError ClientException, InvalidParameterException
 */
export function checkDefinition(input: Input): Input & { readonly containerDefinitions: readonly Input[] } {
  read.string(input, "family", nameRule);
  const mode = read.optionalOneOf(input, "networkMode", networkModes);
  const wanted = read.optionalStrings(input, "requiresCompatibilities") ?? [];
  const containers = read.records(input, "containerDefinitions");
  if (containers.length === 0) throw clientError("Container list cannot be empty.");
  if (containers.length > mostContainers)
    throw clientError(`A task definition can have at most ${mostContainers} containers.`);
  const isFargate = wanted.includes("FARGATE");
  for (const name of wanted) read.oneOf({ requiresCompatibilities: name }, "requiresCompatibilities", compatibilities);
  if (isFargate) checkFargate(input, mode);
  const memory = read.optionalString(input, "memory");
  for (const container of containers) checkContainer(container, { isFargate, mode, hasMemory: memory !== undefined });
  checkTogether(containers);
  checkVolumes(input, containers);
  for (const key of unknown) if (isGiven(input[key])) throw clientError(`The sandbox knows no ${key}.`);
  if (isFargate && needsExecutionRole(containers) && read.optionalString(input, "executionRoleArn") === undefined)
    throw clientError("Fargate requires task definition to have execution role ARN to support log driver awslogs.");
  const kept = Object.fromEntries(fields.flatMap((name) => (input[name] == null ? [] : [[name, input[name]]])));
  if (Buffer.byteLength(JSON.stringify(kept)) > mostBytes)
    throw clientError("Actual length of the task definition exceeds the maximum of 64 KiB.");
  return { ...kept, containerDefinitions: containers.map(filled) };
}

function checkFargate(input: Input, mode: string | undefined): void {
  if (mode !== "awsvpc") throw clientError("Fargate only supports network mode ‘awsvpc’.");
  const [cpu, memory] = [read.optionalString(input, "cpu"), read.optionalString(input, "memory")];
  if (cpu === undefined) throw clientError("Fargate requires that 'cpu' be defined at the task level.");
  if (memory === undefined) throw clientError("Fargate requires that 'memory' be defined at the task level.");
  if (!isFargateSize(cpuUnits(cpu), mebibytes(memory)))
    throw clientError("No Fargate configuration exists for given values.");
}

function needsExecutionRole(containers: readonly Input[]): boolean {
  return containers.some(({ logConfiguration, secrets }) => {
    const { logDriver } = (logConfiguration ?? {}) as { readonly logDriver?: string };
    return logDriver === "awslogs" || (Array.isArray(secrets) && secrets.length > 0);
  });
}

/** What containers are to each other. */
function checkTogether(containers: readonly Input[]): void {
  const names = containers.map(({ name }) => String(name));
  if (new Set(names).size < names.length) throw clientError("Container names must be unique within a task definition.");
  if (!containers.some(({ essential }) => essential !== false))
    throw clientError("A task definition must have at least one essential container.");
  for (const container of containers) checkDependencies(container, containers);
  const waits = new Map(containers.map((one) => [String(one["name"]), dependenciesOf(one).map(([name]) => name)]));
  if (names.some((name) => reaches(name, name, waits)))
    throw clientError("Container dependencies form a cycle in the task definition.");
}

export function dependenciesOf(container: Input): readonly (readonly [name: string, condition: string])[] {
  const list = read.optionalRecords(container, "dependsOn") ?? [];
  return list.map((one) => [
    read.string(one, "containerName", nameRule),
    read.oneOf(one, "condition", ["START", "COMPLETE", "SUCCESS", "HEALTHY"] as const),
  ]);
}

function checkDependencies(container: Input, all: readonly Input[]): void {
  const own = String(container["name"]);
  for (const [name, condition] of dependenciesOf(container)) {
    const other = all.find((one) => one["name"] === name);
    if (other === undefined)
      throw clientError(`Invalid dependsOn setting for container '${own}': container '${name}' does not exist.`);
    if (condition === "HEALTHY" && other["healthCheck"] == null)
      throw clientError(
        `Invalid dependsOn setting for container '${own}': container '${name}' has the condition HEALTHY and no health check.`,
      );
    if ((condition === "COMPLETE" || condition === "SUCCESS") && other["essential"] !== false)
      throw clientError(
        `Invalid dependsOn setting for container '${own}': the condition ${condition} cannot be on the essential container '${name}'.`,
      );
  }
}

function reaches(
  from: string,
  goal: string,
  waits: ReadonlyMap<string, readonly string[]>,
  seen = new Set<string>(),
): boolean {
  return (waits.get(from) ?? []).some((next) => {
    if (next === goal) return true;
    if (seen.has(next)) return false;
    seen.add(next);
    return reaches(next, goal, waits, seen);
  });
}

function checkVolumes(input: Input, containers: readonly Input[]): void {
  const volumes = read.optionalRecords(input, "volumes") ?? [];
  const names = new Set(volumes.map((one) => read.string(one, "name", nameRule)));
  for (const { name, host, ...kinds } of volumes) {
    const { sourcePath } = (host ?? {}) as Input;
    const other = Object.keys(kinds).find((key) => isGiven(kinds[key]));
    const key = sourcePath == null ? other : "host.sourcePath";
    if (key !== undefined)
      throw clientError(`The sandbox knows no volumes but those of a task, and not ${key} of '${String(name)}'.`);
  }
  for (const container of containers)
    for (const mount of read.optionalRecords(container, "mountPoints") ?? []) {
      const source = read.optionalString(mount, "sourceVolume");
      if (source !== undefined && !names.has(source)) throw clientError(`Unknown volume '${source}'.`);
    }
}

/** What ECS fills in of a container (as DescribeTaskDefinition answers). */
function filled(container: Input): Input {
  const {
    essential = true,
    cpu = 0,
    environment = [],
    mountPoints = [],
    volumesFrom = [],
    portMappings = [],
  } = container;
  const ports = (portMappings as readonly Input[]).map((one) => ({
    protocol: "tcp",
    hostPort: one["containerPort"],
    ...one,
  }));
  return {
    ...container,
    essential,
    cpu,
    environment,
    mountPoints,
    volumesFrom,
    portMappings: ports,
    ...healthOf(container),
  };
}

function healthOf({ healthCheck }: Input): Input {
  if (healthCheck == null) return {};
  return { healthCheck: { interval: 30, timeout: 5, retries: 3, ...(healthCheck as Input) } };
}

export function tagsOf(input: Input): readonly { readonly key: string; readonly value: string }[] {
  return (read.optionalRecords(input, "tags", { max: mostTags }) ?? []).map((tag) => ({
    key: read.string(tag, "key", { min: 1, max: 128 }),
    value: read.optionalString(tag, "value", { max: 256 }) ?? "",
  }));
}

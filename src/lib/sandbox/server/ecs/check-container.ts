import { clientError, type Input, nameRule, read } from "./parts.ts";

interface Around {
  readonly isFargate: boolean;
  readonly mode: string | undefined;
  /** The task itself has a limit. */
  readonly hasMemory: boolean;
}

/** Least memory of a container, in MiB (API reference, ContainerDefinition: memory). */
const leastMemory = 6;
/** Counted without its digest (API reference, ContainerDefinition: image). */
const longestImage = 255;
const longestStop = 120;

/** @throws ServiceError ClientException, InvalidParameterException */
export function checkContainer(container: Input, { isFargate, mode, hasMemory }: Around): void {
  const name = read.string(container, "name", nameRule);
  const image = read.optionalString(container, "image") ?? "";
  if (image === "") throw clientError("Container.image should not be null or empty.");
  if ((image.split("@", 1)[0] ?? "").length > longestImage)
    throw clientError(`Container.image of '${name}' is longer than ${longestImage} characters.`);
  checkMemory(container, name, hasMemory);
  read.optionalBoolean(container, "essential");
  for (const list of ["command", "entryPoint"]) read.optionalStrings(container, list);
  checkEnvironment(container);
  checkHealth(container, name);
  checkPorts(container, mode);
  if (isFargate) checkFargate(container, name);
  checkLogs(container, isFargate);
  // After what AWS refuses itself.
  checkKnown(container, name);
}

/** What ECS does and the sandbox does not: said at once, and not found missing in a task. */
const unknown = [
  "credentialSpecs",
  "disableNetworking",
  "dnsSearchDomains",
  "dnsServers",
  "environmentFiles",
  "extraHosts",
  "firelensConfiguration",
  "hostname",
  "links",
  "privileged",
  "repositoryCredentials",
  "resourceRequirements",
  "startTimeout",
  "systemControls",
  "volumesFrom",
] as const;
const unknownLinux = ["devices", "maxSwap", "sharedMemorySize", "swappiness"] as const;

function checkKnown(container: Input, name: string): void {
  const refuse = (what: string): never => {
    throw clientError(`The sandbox knows no ${what}, which container '${name}' has.`);
  };
  for (const key of unknown) if (isGiven(container[key])) refuse(key);
  const linux = read.optionalRecord(container, "linuxParameters") ?? {};
  for (const key of unknownLinux) if (isGiven(linux[key])) refuse(`linuxParameters.${key}`);
  const { enabled } = read.optionalRecord(container, "restartPolicy") ?? {};
  if (enabled === true) refuse("restartPolicy");
}

/** Nothing, false and an empty list ask for nothing. */
export function isGiven(value: unknown): boolean {
  return value != null && value !== false && !(Array.isArray(value) && value.length === 0);
}

function checkMemory(container: Input, name: string, hasMemory: boolean): void {
  const memory = read.optionalNumber(container, "memory");
  const reservation = read.optionalNumber(container, "memoryReservation");
  if (memory === undefined && reservation === undefined && !hasMemory)
    throw clientError(
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  if ((memory ?? leastMemory) < leastMemory || (reservation ?? leastMemory) < leastMemory)
    throw clientError(`Invalid setting for container '${name}'. The minimum memory is ${leastMemory} MiB.`);
  if (memory !== undefined && reservation !== undefined && memory < reservation)
    throw clientError(`Invalid setting for container '${name}'. 'memory' must be greater than 'memoryReservation'.`);
}

function checkEnvironment(container: Input): void {
  const plain = (read.optionalRecords(container, "environment") ?? []).map((one) => {
    read.optionalString(one, "value");
    return read.string(one, "name");
  });
  const secret = (read.optionalRecords(container, "secrets") ?? []).map((one) => {
    read.string(one, "valueFrom", { min: 1 });
    return read.string(one, "name", { min: 1 });
  });
  const all = [...plain, ...secret];
  const twice = secret.find((name) => all.filter((one) => one === name).length > 1);
  if (twice !== undefined)
    throw clientError(
      "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '" +
        twice +
        "'.",
    );
}

/** API reference, HealthCheck. */
function checkHealth(container: Input, name: string): void {
  const check = read.optionalRecord(container, "healthCheck");
  if (check === undefined) return;
  const command = read.strings(check, "command");
  if (command.length === 0) throw clientError(`Invalid healthCheck of container '${name}': command cannot be empty.`);
  if (!["CMD", "CMD-SHELL", "NONE"].includes(command[0] ?? ""))
    throw clientError(`Invalid healthCheck of container '${name}': command must begin with CMD, CMD-SHELL or NONE.`);
  const ranges = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const;
  for (const [key, [min, max]] of Object.entries(ranges)) {
    const value = read.optionalNumber(check, key);
    if (value !== undefined && (value < min || value > max))
      throw clientError(`Invalid healthCheck of container '${name}': ${key} must be between ${min} and ${max}.`);
  }
}

function checkPorts(container: Input, mode: string | undefined): void {
  for (const port of read.optionalRecords(container, "portMappings") ?? []) {
    const containerPort = read.optionalNumber(port, "containerPort", { min: 1, max: 65_535 });
    const hostPort = read.optionalNumber(port, "hostPort", { min: 0, max: 65_535 });
    read.optionalOneOf(port, "protocol", ["tcp", "udp"] as const);
    if (mode === "awsvpc" && hostPort !== undefined && hostPort !== containerPort)
      throw clientError("When networkMode=awsvpc, the host ports and container ports in port mappings must match.");
  }
}

/** What there is not on Fargate (developer guide, "Task definition differences for Fargate"). */
function checkFargate(container: Input, name: string): void {
  const stop = read.optionalNumber(container, "stopTimeout");
  if (stop !== undefined && (stop < 0 || stop > longestStop))
    throw clientError(
      `Invalid stopTimeout of container '${name}': it must be at most ${longestStop} seconds on Fargate.`,
    );
  if (container["privileged"] === true)
    throw clientError("Fargate compatible task definitions do not support 'privileged'");
  if ((read.optionalStrings(container, "dockerSecurityOptions") ?? []).length > 0)
    throw clientError("Fargate compatible task definitions do not support 'dockerSecurityOptions'");
  const { capabilities } = read.optionalRecord(container, "linuxParameters") ?? {};
  const { add } = (capabilities ?? {}) as { readonly add?: readonly string[] };
  const foreign = (add ?? []).find((one) => one !== "SYS_PTRACE");
  if (foreign !== undefined)
    throw clientError(`Fargate compatible task definitions do not support adding the capability '${foreign}'`);
}

/** API reference, LogConfiguration; the prefix is a must on Fargate. */
function checkLogs(container: Input, isFargate: boolean): void {
  const log = read.optionalRecord(container, "logConfiguration");
  if (log === undefined || read.string(log, "logDriver") !== "awslogs") return;
  const options = read.optionalRecord(log, "options") ?? {};
  const needed = ["awslogs-group", "awslogs-region", ...(isFargate ? ["awslogs-stream-prefix"] : [])];
  for (const option of needed)
    if (read.optionalString(options, option) === undefined)
      throw clientError(`Log driver awslogs requires options: ${needed.join(", ")}`);
}

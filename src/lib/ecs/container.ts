import type { Ending } from "../compose/stack-model.ts";
import { ecsName, logGroupOf, streamsBegin } from "../config/ecs-names.ts";
import { secondsIn, withinLimits } from "./durations.ts";
import { environmentOf } from "./environment.ts";
import type { EcsFacts } from "./facts.ts";
import { healthCheckOf } from "./health-check.ts";
import type { ImageFacts } from "./image-facts.ts";
import { limitsOf, mebibytesIn } from "./linux.ts";
import { portsOf } from "./ports.ts";
import type { ServiceReport } from "./report.ts";
import { mountsOf, type Reach } from "./storage.ts";
import type { ContainerDefinition } from "./task-definition.ts";
import { isTrue } from "./variables.ts";
import { refuseUnknown, type WrittenService } from "./written-service.ts";

/** The task that a container is in. */
export interface Surroundings {
  readonly task: string;
  /** MiB. */
  readonly memory: number;
  /** How the service ends, as its compose file has it. */
  readonly ending: Ending;
  /** It ends by itself, and its end is what is looked at. */
  readonly isOneShot: boolean;
  readonly reachOf: (volume: string) => Reach;
}

/** One service as a container definition, but for what it waits for. */
export function containerOf(
  name: string,
  written: WrittenService,
  around: Surroundings,
  facts: EcsFacts,
  report: ServiceReport,
): ContainerDefinition {
  refuseUnknown(written, report);
  const image = facts.imageFacts[name];
  const health = around.isOneShot ? undefined : healthCheckOf(written.healthcheck, image?.health, report);
  const ports = portsOf(written.ports ?? [], report);
  const { user, volumes: mounts = [] } = written;
  const mounting = { service: ecsName(name), mounts, user, image, reachOf: around.reachOf };
  const { mountPoints, tmpfs } = mountsOf(mounting, facts, report);
  const limits = { ...written, tmpfs: [...[written.tmpfs ?? []].flat(), ...tmpfs] };
  const labels = Object.entries(written.labels ?? {}).map(([key, value]) => [key, String(value ?? "")] as const);
  return {
    name: ecsName(name),
    image: facts.images[name] ?? "",
    essential: around.ending !== "must",
    ...commandOf(written, image, report),
    ...(user !== undefined && { user: String(user) }),
    ...(written.working_dir !== undefined && { workingDirectory: written.working_dir }),
    ...environmentOf(written, facts, report),
    ...(ports.length > 0 && { portMappings: ports }),
    ...(health !== undefined && { healthCheck: health }),
    ...stopOf(written, image, facts, report),
    ...roomOf(written, report),
    ...limitsOf(limits, around.memory, facts, report),
    ...(isTrue(written.stdin_open) && { interactive: true }),
    ...(isTrue(written.tty) && { pseudoTerminal: true }),
    ...(labels.length > 0 && { dockerLabels: Object.fromEntries(labels) }),
    ...(mountPoints.length > 0 && { mountPoints }),
    logConfiguration: { logDriver: "awslogs", options: logOptions(around.task, facts) },
  };
}

/** Streams are called `<application>/<environment>/<task>/<container>/<id of the task>`. */
function logOptions(task: string, { app, environment, ecs, region }: EcsFacts): Record<string, string> {
  return {
    "awslogs-group": logGroupOf(ecs, app, environment),
    "awslogs-region": region,
    "awslogs-stream-prefix": `${streamsBegin(app, environment)}${ecsName(task)}`,
  };
}

/** What is empty ECS takes for what is not said, and the image's own comes back. */
function commandOf(
  { entrypoint, command }: WrittenService,
  image: ImageFacts | undefined,
  report: ServiceReport,
): Pick<ContainerDefinition, "entryPoint" | "command"> {
  const words = (key: string, value: string | readonly string[] | null | undefined): readonly string[] => {
    if (typeof value !== "string" || value === "") return typeof value === "string" ? [] : (value ?? []);
    report.refuse(`has ${key} as one text, which a shell would take apart: write a list of words`);
    return [];
  };
  const [entryPoint, own] = [words("entrypoint", entrypoint), words("command", command)];
  const isCleared = entrypoint !== undefined && entrypoint !== null && entrypoint.length === 0;
  if (isCleared && (image?.entrypoint.length ?? 0) > 0)
    report.refuse(
      `clears the ENTRYPOINT of its image (${image?.entrypoint.join(" ") ?? ""}), which ECS cannot: write the entrypoint that is meant`,
    );
  return { ...(entryPoint.length > 0 && { entryPoint }), ...(own.length > 0 && { command: own }) };
}

/** Longest time between the stop signal and KILL, in seconds (API reference, ContainerDefinition: stopTimeout). */
const mostOnFargate = 120;

function stopOf(
  { stop_grace_period: grace, stop_signal: signal }: WrittenService,
  image: ImageFacts | undefined,
  { ecs }: EcsFacts,
  report: ServiceReport,
): Pick<ContainerDefinition, "stopTimeout"> {
  const own = image?.stopSignal ?? "SIGTERM";
  if (signal !== undefined && image !== undefined && signalName(signal) !== signalName(own))
    report.refuse(
      `is stopped by ${signal}, and ECS sends what the image says, ${own}: write STOPSIGNAL ${signal} into its Dockerfile`,
    );
  if (grace === undefined) return {};
  const seconds = secondsIn(grace);
  if (seconds === undefined) {
    report.refuse(`has ${JSON.stringify(grace)} as stop_grace_period, which is no time`);
    return {};
  }
  const most = ecs.launchType === "FARGATE" ? mostOnFargate : Number.MAX_SAFE_INTEGER;
  const remedy =
    "on Fargate a task is cut off then, so let the work end sooner or be taken up again, or use launch_type: EC2";
  return { stopTimeout: withinLimits(seconds, { of: "a stop_grace_period", least: 2, most, remedy }, report) };
}

function signalName(signal: string): string {
  return signal.toUpperCase().replace(/^SIG/, "");
}

function roomOf(
  { deploy, mem_limit: limit, mem_reservation: reservation }: WrittenService,
  report: ServiceReport,
): Pick<ContainerDefinition, "cpu" | "memory" | "memoryReservation"> {
  const { limits = {}, reservations = {} } = deploy?.resources ?? {};
  const mebibytes = (key: string, value: string | number | undefined): number | undefined => {
    if (value === undefined) return undefined;
    const found = mebibytesIn(String(value));
    if (found === undefined) report.refuse(`has ${String(value)} as ${key}, which is no number of bytes`);
    return found;
  };
  const memory = mebibytes("its limit of memory", limits.memory ?? limit);
  const memoryReservation = mebibytes("its reservation of memory", reservations.memory ?? reservation);
  const cpu = limits.cpus === undefined ? undefined : Math.round(Number(limits.cpus) * 1024);
  if (Number.isNaN(cpu)) report.refuse(`has ${String(limits.cpus)} as its limit of cpus, which is no number`);
  return {
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
    ...(memoryReservation !== undefined && { memoryReservation }),
  };
}

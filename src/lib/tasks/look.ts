import type { Container, Task } from "@aws-sdk/client-ecs";
import type { EcsCall } from "../aws/ecs-calls.ts";
import type { HeldService } from "../script/pause.ts";
import type { ExpectedService, HostContainer, HostRelease, HostSummary } from "../script/summary.ts";
import { list } from "../text/words.ts";
import { type Application, startedByPrefix } from "./application.ts";
import type { ReadDefinition } from "./definitions.ts";
import { isBack, placedByUs } from "./marks.ts";
import { heldIn } from "./pauses.ts";
import { type SeenRollout, underWay } from "./rollouts.ts";
import { readServices, type SeenService } from "./services.ts";
import { answerText, stageText } from "./stages.ts";
import { readTasks, readUnended } from "./tasks.ts";
import { endedByItself } from "./why-stopped.ts";

/** One that dies again within this time, and not for the first time, is in a loop. Milliseconds. */
const loopMs = 10 * 60_000;
/** One that has lasted so long is in none. */
const settledMs = 30_000;

interface LookPorts {
  readonly call: EcsCall;
  readonly read: ReadDefinition;
  /** Milliseconds. */
  readonly now: () => number;
}

/** What runs of an application, in the words in which hosts tell it: containers from tasks, releases from what services run. */
export async function lookAt(application: Application, ports: LookPorts): Promise<HostSummary> {
  const { call, read } = ports;
  const services = await readServices(application, call);
  const [busy, definitions, parts, migrations] = await Promise.all([
    underWay(services, call),
    Promise.all(services.map(({ definition }) => read(definition))),
    Promise.all(services.map(async (service) => containersOf(service, application, ports))),
    runningOnce(application, call),
  ]);
  const { order } = newest(services) ?? {};
  // What waits for a person is at work on nothing.
  const pauses = heldIn(services, busy);
  const wentBack = services.filter(isBack).map(({ name }) => name);
  // One that was taken away is there for as long as its tasks end: nothing is on record of it.
  const current = await currentOf(
    services.filter(({ status }) => status === "ACTIVE"),
    read,
  );
  const called = (name: string): string => application.composeNames.get(name) ?? name;
  const known = services.flatMap(({ desired }, index) =>
    (definitions[index]?.containers ?? []).map(({ name, essential }): [string, ExpectedService] => [
      called(name),
      { replicas: desired, ending: essential ? "never" : "may" },
    ]),
  );
  return {
    ...silent,
    number: order?.number ?? 0,
    nonce: order?.nonce ?? "",
    busy: [...busy.keys()].some((name) => !pauses.some(({ service }) => service === name)) || migrations.length > 0,
    step: list(stagesOf(busy, pauses)),
    ...(pauses.length > 0 && { pauses }),
    ...(wentBack.length > 0 && { wentBack }),
    current,
    services: services.length === 0 ? undefined : known.map(([name]) => name),
    expected: Object.fromEntries(known),
    containers: parts.flat(),
  };
}

/** What ECS is at where it shifts requests, and who holds it up: whoever has not begun that finds it here. */
function stagesOf(busy: ReadonlyMap<string, SeenRollout>, ours: readonly HeldService[]): readonly string[] {
  return [...busy].flatMap(([service, { stage, arn }]) => {
    const staged = stage && stageText(stage);
    if (staged === undefined) return [];
    // Ours is answered by a line of threads, which the ledger knows.
    const answers = ours.some((one) => one.service === service) ? [] : (stage?.pauses ?? []);
    return [[`${service} ${staged}`, ...answers.map((pause) => answerText(pause, arn))].join(": ")];
  });
}

/** What a summary holds where nothing is to be told. */
const silent: HostSummary = {
  action: "status",
  number: 0,
  nonce: "",
  ok: true,
  code: 0,
  step: "",
  message: "",
  rolledBack: false,
  changed: false,
  now: "unknown",
  warnings: [],
  docker: true,
  busy: false,
  quietMs: undefined,
  current: undefined,
  weighed: undefined,
  served: undefined,
  environment: undefined,
  changedFiles: undefined,
  environmentTried: undefined,
  environmentChanged: undefined,
  services: undefined,
  expected: {},
  traffic: undefined,
  tasks: undefined,
  timings: {},
  containers: undefined,
};

/** The last order that any of the services was given. */
export function newest(services: readonly SeenService[]): SeenService["marks"] | undefined {
  return services
    .map(({ marks }) => marks)
    .filter(({ order }) => order !== undefined)
    .toSorted((one, other) => (other.order?.number ?? 0) - (one.order?.number ?? 0))[0];
}

/** What runs by the record; where services run several releases, the one that was there first. */
async function currentOf(services: readonly SeenService[], read: ReadDefinition): Promise<HostRelease | undefined> {
  const placed = services
    .map(({ definition, marks }) => placedByUs(definition, marks))
    .filter(({ number }) => number > 0);
  const [first] = placed.toSorted((one, other) => one.number - other.number);
  if (first === undefined) return undefined;
  const { bundle, revision } = await read(first.definition);
  if (bundle === undefined || revision === undefined) return undefined;
  return { number: first.number, revision, bundle, slot: null, at: first.at };
}

async function containersOf(
  service: SeenService,
  application: Application,
  { call, read, now }: LookPorts,
): Promise<readonly HostContainer[]> {
  const by = { serviceName: service.name };
  const [wanted, ended] = await Promise.all([
    readTasks(application, { by, desiredStatus: "RUNNING" }, call),
    readTasks(application, { by, desiredStatus: "STOPPED" }, call),
  ]);
  const own = ended.filter((task) => task.startedBy === service.primary && endedByItself(task));
  const deaths = own.filter(({ stoppedAt }) => (stoppedAt?.getTime() ?? 0) > now() - loopMs).length;
  const all = wanted.map(async (task) => {
    const { containers } = await read(task.taskDefinitionArn ?? "");
    const checked = new Set(containers.filter((one) => one.checked).map(({ name }) => name));
    const isYoung = (task.startedAt?.getTime() ?? now()) > now() - settledMs;
    const around = { application, checked, restarts: deaths > 1 && isYoung ? deaths : 0 };
    return (task.containers ?? []).map((container) => containerOf(container, task, around));
  });
  return (await Promise.all(all)).flat();
}

interface Around {
  readonly application: Application;
  /** Names of containers whose health ECS looks at. */
  readonly checked: ReadonlySet<string>;
  /** How often others before it have died of late, where it has not lasted itself. */
  readonly restarts: number;
}

function containerOf(container: Container, { taskArn = "", startedAt }: Task, around: Around): HostContainer {
  const { name = "", image = "", imageDigest, lastStatus, healthStatus = "UNKNOWN", exitCode, runtimeId } = container;
  const { application, checked, restarts } = around;
  const isRunning = lastStatus === "RUNNING";
  const ended = exitCode === undefined ? "dead" : "exited";
  const unknown = checked.has(name) ? "starting" : "none";
  return {
    service: application.composeNames.get(name) ?? name,
    oneoff: false,
    id: runtimeId ?? taskArn,
    name: `${taskArn.slice(taskArn.lastIndexOf("/") + 1)}/${name}`,
    reference: image,
    digests: imageDigest === undefined ? [] : [`${image.split("@")[0] ?? ""}@${imageDigest}`],
    state: restarts > 0 ? "restarting" : isRunning ? "running" : lastStatus === "STOPPED" ? ended : "created",
    // Absent where it never ran, which is not 0.
    exitCode: exitCode ?? (isRunning ? 0 : -1),
    health: healthStatus === "HEALTHY" ? "healthy" : healthStatus === "UNHEALTHY" ? "unhealthy" : unknown,
    restarts,
    startedAt: startedAt?.toISOString() ?? "",
  };
}

/** Tasks of ours that migrate at this moment, those that are told to end included. */
export async function runningOnce(application: Application, call: EcsCall): Promise<readonly Task[]> {
  const { oneOffs } = application;
  const tasks = await Promise.all(oneOffs.map((family) => readUnended(application, family, call)));
  return tasks.flat().filter((task) => task.startedBy?.startsWith(startedByPrefix(application)) === true);
}

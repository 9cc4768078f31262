import type { Task } from "@aws-sdk/client-ecs";
import type { MemberOrder } from "../fleet/target.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { span } from "../text/words.ts";
import { clusterName, startedBy } from "./application.ts";
import type { OrderPorts } from "./order-ports.ts";
import { describeTasks, readTasks, readUnended } from "./tasks.ts";
import { adviceFor, whyStopped } from "./why-stopped.ts";

/** How often a task is looked at, in milliseconds. */
const everyMs = 2_000;
/** ECS is eventually consistent: so long after its beginning a task that it does not know is not gone (API reference, RunTask). */
const unknownForMs = 60_000;
/** From the wish to stop a task to its end: its own time (120 s at most on Fargate), and ECS's. */
const stopMs = 150_000;

/** How what was run once has ended. */
export interface Ran {
  readonly ok: boolean;
  /** One sentence; empty where all is well. */
  readonly says: string;
  readonly tail: readonly string[];
  readonly advice: readonly string[];
}

interface Once {
  readonly definition: string;
  /** The compose file's name for it. */
  readonly name: string;
  readonly order: MemberOrder;
  /** By our clock. */
  readonly deadline: number;
}

/**
 * Runs a task once: the same order again is given the same task, whether it is over or not. ECS limits no task in time, so that
 * it is stopped at the deadline, and where its user wants it to end. @throws ThreadsError unknown, where it was lost sight of
 */
export async function runOnce(once: Once, ports: OrderPorts): Promise<Ran> {
  const begun = (await begunBefore(once, ports)) ?? (await begin(once, ports));
  if ("says" in begun) return begun;
  return watchSeen(begun.taskArn ?? "", once, ports);
}

async function watchSeen(task: string, once: Once, ports: OrderPorts): Promise<Ran> {
  const ended = await watch(task, once, ports).catch((error: unknown) => {
    throw unseen(error, task, once, ports);
  });
  return { ...ended, tail: [`task ${task}`, ...ended.tail] };
}

/**
 * What a deployment that did not end has begun: what is at work still, or has ended well. Another release's, and one that is told to
 * end, says nothing of this one, and two may not run at once: its end is waited for.
 */
async function begunBefore(once: Once, ports: OrderPorts): Promise<Task | Ran | undefined> {
  const { definition, name, order } = once;
  const { goesOnWith = [] } = order;
  if (goesOnWith.length === 0) return undefined;
  const { application, call, cancelNow, clock } = ports;
  const own = new Set(goesOnWith.map((number) => startedBy(application, number)));
  const family = clusterName(definition).replace(/:\d+$/, "");
  const isOwn = (task: Task): boolean => own.has(task.startedBy ?? "");
  const isThis = (task: Task): boolean => task.taskDefinitionArn === definition;
  const left = (await readUnended(application, family, call)).filter(isOwn);
  const going = left.find((task) => isThis(task) && task.desiredStatus !== "STOPPED");
  for (const task of left.filter((one) => one !== going)) {
    const ended = await watchSeen(task.taskArn ?? "", { ...once, name: `${name} of a deployment before` }, ports);
    if (cancelNow.aborted || clock.now() >= once.deadline)
      return ended.ok ? failed(`${name} was not run: that of a deployment before has only ended now`) : ended;
  }
  if (going !== undefined) return going;
  const over = await readTasks(application, { by: { family }, desiredStatus: "STOPPED" }, call);
  return over.find((task) => isOwn(task) && isThis(task) && endedWell(task));
}

async function begin(once: Once, ports: OrderPorts): Promise<Task | Ran> {
  const { definition, name, order, deadline } = once;
  const { call, clock, cancelNow, environment, application } = ports;
  const { ecs } = environment;
  const { number, nonce } = order.intent;
  for (;;) {
    const { tasks: [task] = [], failures: [failure] = [] } = await call({
      doing: `running ${name}`,
      send: (client, { RunTaskCommand }, options) =>
        client.send(
          new RunTaskCommand({
            cluster: ecs.cluster,
            taskDefinition: definition,
            count: 1,
            launchType: ecs.launchType,
            networkConfiguration: {
              awsvpcConfiguration: {
                subnets: [...ecs.subnets],
                securityGroups: [...ecs.securityGroups],
                assignPublicIp: ecs.publicIp ? "ENABLED" : "DISABLED",
              },
            },
            propagateTags: "TASK_DEFINITION",
            startedBy: startedBy(application, number),
            clientToken: `threads-${number}-${nonce}-once`.slice(0, 64),
          }),
          options,
        ),
    });
    if (task !== undefined) return task;
    // HTTP 200, and no task.
    const { reason = "no reason", detail = "" } = failure ?? {};
    const why = `${name} was not run: ECS found no place for it (${reason}${detail === "" ? "" : `: ${detail}`})`;
    const mayPass = reason.startsWith("RESOURCE:") || /capacity/i.test(reason);
    if (!mayPass || clock.now() + everyMs >= deadline || cancelNow.aborted) return failed(why);
    ports.tell(`${name} waits for a place (${reason})`);
    await pause(ports);
  }
}

async function watch(task: string, { name, deadline }: Once, ports: OrderPorts): Promise<Ran> {
  const { call, clock, application, cancelNow } = ports;
  const unknownUntil = clock.now() + unknownForMs;
  let stopBy: number | undefined;
  let why = "";
  for (;;) {
    const [seen] = await describeTasks(application, [task], call);
    if (seen?.lastStatus === "STOPPED") return judge(seen, name, why);
    if (seen === undefined && clock.now() >= unknownUntil) throw lost(task, name, environmentOf(ports));
    if (stopBy === undefined && (cancelNow.aborted || clock.now() >= deadline)) {
      why = cancelNow.aborted ? "it was cancelled" : "its time was up";
      await stopTask(task, why, ports);
      stopBy = clock.now() + stopMs;
    } else if (stopBy !== undefined && clock.now() >= stopBy) throw lost(task, name, environmentOf(ports));
    ports.tell(`${name} is ${(seen?.lastStatus ?? "not known to ECS yet").toLowerCase()}`);
    await pause(ports, stopBy !== undefined);
  }
}

/** It runs by now: what keeps us from seeing it is no refusal of a deployment that nothing came of. */
function unseen(error: unknown, task: string, { name }: Once, { environment }: OrderPorts): unknown {
  if (!(error instanceof ThreadsError) || error.outcome !== "refused") return error;
  return new ThreadsError("SEND_UNKNOWN", {
    message: `what became of ${name} nobody tells: ${error.message}; its task is ${task}`,
    details: error.details,
    next: [`threads status -e ${environment.name}`],
    advice: error.advice,
    cause: error,
  });
}

function environmentOf({ environment }: OrderPorts): string {
  return environment.name;
}

/** Until the next look; a wish to cancel ends it once. */
async function pause({ clock, cancelNow }: OrderPorts, isStopping = false): Promise<void> {
  if (isStopping || cancelNow.aborted) return clock.sleep(everyMs);
  await clock.sleep(everyMs, cancelNow).catch((error: unknown) => {
    if (!cancelNow.aborted) throw error;
  });
}

function judge(task: Task, name: string, why: string): Ran {
  if (endedWell(task)) return { ok: true, says: "", tail: [], advice: [] };
  const text = whyStopped(task);
  return failed(
    why === "" ? text : `${name} was stopped: ${why} (${text})`,
    adviceFor(`${text} ${task.stoppedReason ?? ""}`),
  );
}

/** No exit code may be absent: what never ran has none, which is not 0. */
function endedWell({ containers = [] }: Task): boolean {
  return containers.length > 0 && containers.every(({ exitCode }) => exitCode === 0);
}

function failed(says: string, advice: readonly string[] = adviceFor(says)): Ran {
  return { ok: false, says, tail: [], advice };
}

function lost(task: string, name: string, environment: string): ThreadsError {
  return new ThreadsError("SEND_UNKNOWN", {
    message: `ECS does not tell what became of ${name} within ${span(unknownForMs)}: ${task}`,
    next: [`threads status -e ${environment}`],
  });
}

async function stopTask(task: string, reason: string, { call, application }: OrderPorts): Promise<void> {
  await call({
    doing: "stopping a task",
    send: (client, { StopTaskCommand }, options) =>
      client.send(new StopTaskCommand({ cluster: application.cluster, task, reason: `threads: ${reason}` }), options),
    answers: { InvalidParameterException: () => undefined },
  });
}

/** Ends what an order has begun and nobody watches any more. */
export async function stopLeftovers(number: number, ports: OrderPorts): Promise<void> {
  const { application, call } = ports;
  const by = { startedBy: startedBy(application, number) };
  const left = await readTasks(application, { by, desiredStatus: "RUNNING" }, call);
  await Promise.all(left.map(({ taskArn = "" }) => stopTask(taskArn, "its deployment was taken back", ports)));
}

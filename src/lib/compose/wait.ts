import type { Clock } from "../clock/clock.ts";
import { logOf } from "../docker/log.ts";
import { dockerRun, fullyTold } from "../docker/run.ts";
import { list } from "../text/words.ts";
import type { ThreadsError } from "../errors/threads-error.ts";
import type { Processes } from "../process/processes.ts";
import { bell, type Bell } from "./bell.ts";
import { composeUp, containerEvents, type Project } from "./commands.ts";
import type { Container } from "./containers.ts";
import { parseEvent } from "./events.ts";
import { composeFailure, containerFailure, notReady } from "./failure.ts";
import { containersOf } from "./look.ts";
import type { Expected } from "./expected.ts";
import { type LastExits, lastExits } from "./last-exit.ts";
import { judge, type StackVerdict, type Waiting } from "./verdict.ts";

export interface StartStackOptions {
  readonly project: Project;
  readonly expected: Expected;
  /** Removes and sets variables, see environment.ts. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly onLine?: (line: string) => void;
  /** Hears again and again what is still waited for: from then on compose's own lines are old news. */
  readonly onWaiting?: (waitingFor: string) => void;
}

export interface WaitPorts {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Events wake us; this is only for a stream that has silently ended. */
const lookAgainMs = 2_000;
/** While compose starts things a look costs two processes, and nobody is bored yet before this. */
const tellEveryMs = 4_000;
/** A container without a health check must have run this long: a crash right after the start is no success. */
const settleMs = 3_000;

/**
 * Starts the expected services and watches them until every one is healthy (or has run for a while, or has ended with 0
 * where it is a one-shot). Fails as soon as one cannot get there any more, also while compose still waits for it.
 * @throws ThreadsError checks SERVICE_FAILED, NOT_HEALTHY; refused PORT_TAKEN …; the signal's reason
 */
export async function startAndWait(options: StartStackOptions, ports: WaitPorts): Promise<Container[]> {
  const over = new AbortController();
  const signal = AbortSignal.any([ports.signal, over.signal]);
  const alarm = bell();
  const exits = lastExits();
  const { project, env } = options;
  const events = ports.processes
    .run(containerEvents(project.name), {
      signal,
      onLine: (line) => {
        const event = parseEvent(line);
        exits.hear(event);
        alarm.ring(event?.alarming === true ? "alarm" : "news");
      },
    })
    .catch(() => undefined);
  const compose = dockerRun(ports, (failure) => composeFailure(failure, "docker compose up"));
  let waiting = false;
  const onLine = (line: string): void => (waiting ? undefined : options.onLine?.(line));
  const onWaiting = (text: string): void => {
    waiting = true;
    options.onWaiting?.(text);
  };
  const up = compose(composeUp(project, Object.keys(options.expected.services)), { env, signal, onLine })
    .then(
      () => undefined,
      (error: unknown) => error,
    )
    .then((error) => {
      alarm.ring("up");
      return { error };
    });
  try {
    return await watch({ ...options, onWaiting, up, alarm, exits }, { ...ports, signal });
  } catch (error) {
    throw await fullyTold(error, ports.processes);
  } finally {
    over.abort(new Error("no longer watched"));
    await Promise.all([up, events]);
  }
}

interface WatchOptions extends StartStackOptions {
  readonly onWaiting: (waitingFor: string) => void;
  readonly up: Promise<{ readonly error: unknown }>;
  readonly alarm: Bell;
  readonly exits: LastExits;
}

async function watch(options: WatchOptions, ports: WaitPorts): Promise<Container[]> {
  const deadline = ports.clock.now() + options.timeoutMs;
  const { processes, signal } = ports;
  const docker = dockerRun({ processes });
  const since = stopwatch();
  let settledAt: number | undefined;
  let upEnded = false;
  let lookedAt = ports.clock.now();
  for (;;) {
    const left = deadline - ports.clock.now();
    const woken = left <= 0 ? "late" : await options.alarm.wait(Math.min(left, lookAgainMs), ports);
    upEnded ||= woken === "up";
    const isNews = upEnded || woken === "alarm" || woken === "late";
    if (!isNews && ports.clock.now() - lookedAt < tellEveryMs) continue;
    lookedAt = ports.clock.now();
    const containers = options.exits.known(await containersOf(options.project.name, { docker, signal }));
    const verdict = judge(containers, options.expected);
    if (verdict.kind === "waiting" && woken !== "late")
      options.onWaiting(waitingText(since(verdict.waitingFor, lookedAt)));
    if (verdict.kind === "failed") throw await failureOf(verdict, ports);
    const error = upEnded ? (await options.up).error : undefined;
    if (error !== undefined) throw error;
    const ready = verdict.kind === "ready" && upEnded;
    if (ready && settledAt === undefined) {
      const pause = containers.some(needsTime(options.expected)) ? settleMs : 0;
      settledAt = ports.clock.now() + pause;
      if (pause > 0) options.alarm.ringAfter(pause, ports);
    }
    if (!ready) settledAt = undefined;
    else if (woken === "late" || ports.clock.now() >= (settledAt ?? 0)) return containers;
    if (woken === "late") throw await lateness(verdict, options.timeoutMs, ports);
  }
}

type Timed = Waiting & { readonly waitedMs: number };

/** Remembers when each service was first seen in the state in which it is waited for. */
function stopwatch(): (waitingFor: readonly Waiting[], now: number) => Timed[] {
  let began = new Map<string, number>();
  return (waitingFor, now) => {
    const key = ({ service, state }: Waiting): string => `${service} ${state}`;
    began = new Map(waitingFor.map((one) => [key(one), began.get(key(one)) ?? now]));
    return waitingFor.map((one) => ({ ...one, waitedMs: now - (began.get(key(one)) ?? now) }));
  };
}

/** `waiting for celery (starting, 12 s) and web (created)`: the first few, since it is a line. */
function waitingText(waitingFor: readonly Timed[]): string {
  const shown = waitingFor.slice(0, 3).map(({ service, state, waitedMs }) => {
    const seconds = Math.floor(waitedMs / 1000);
    return `${service} (${state}${seconds === 0 ? "" : `, ${seconds} s`})`;
  });
  const more = waitingFor.length - shown.length;
  return `waiting for ${list(more === 0 ? shown : [...shown, `${more} more`])}`;
}

function needsTime(expected: Expected): (container: Container) => boolean {
  return ({ service, status, health }) =>
    health === "none" && status !== "exited" && !expected.oneShot.includes(service);
}

/** A container that is not well, with the end of its log. */
export async function failureOf(
  failed: { readonly container: Container; readonly reason: string },
  { processes }: Pick<WaitPorts, "processes">,
): Promise<ThreadsError> {
  return containerFailure({ ...failed, log: await logOf(failed.container.id, processes) });
}

async function lateness(verdict: StackVerdict, timeoutMs: number, ports: WaitPorts): Promise<ThreadsError> {
  const waitingFor = verdict.kind === "waiting" ? verdict.waitingFor : [];
  const first = waitingFor[0]?.container;
  return notReady({ waitingFor, timeoutMs, log: first === undefined ? [] : await logOf(first.id, ports.processes) });
}

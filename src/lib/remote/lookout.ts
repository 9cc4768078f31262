import type { CommandInvocation } from "@aws-sdk/client-ssm";
import { ssmCalls } from "../aws/ssm-calls.ts";
import { unlessAborted } from "../clock/unless-aborted.ts";
import { type Count, countCommands, listInvocations } from "./looks.ts";
import type { SsmPorts } from "./ports.ts";
import type { SentCommand, WaitOptions } from "./remote.ts";
import { endOf, normalise } from "./statuses.ts";

/** A command's invocations appear late (the API is eventually consistent by its own documentation). */
const appearWithinMs = 60_000;
/** So long a command may be missing from the list of all before its hosts are asked for by themselves. */
const listedWithinMs = 10_000;
const firstPauseMs = 250;
const longestPauseMs = 2_100;
/** Of a command that is looked at alone its end is known soon, for as long as it has lasted: a part of that goes by. */
const growth = { alone: 1.1, several: 1.4 } as const;
/** Where many hosts are looked at, and nothing of what was seen is new. */
const quietPauseMs = 5_000;

/** What SSM has shown of the hosts of a command, by id. */
export type Seen = ReadonlyMap<string, CommandInvocation>;

/** Somebody who waits for hosts of a command. */
interface Waiter {
  readonly command: SentCommand;
  readonly options: WaitOptions;
  /** Looks that AWS kept waiting have seen nothing of the time. */
  paused: number;
  /** What it was told of each host. */
  readonly told: Map<string, string>;
  readonly end: (seen: Seen) => void;
  readonly fail: (error: unknown) => void;
}

/** A command that is looked at, and what was seen of it. */
interface Watch {
  readonly seen: Map<string, CommandInvocation>;
  readonly waiters: Set<Waiter>;
  count: Count | undefined;
  /** Its hosts themselves were asked for the last time: who is not among them is not there. */
  isSeen: boolean;
  /** Its first failure was looked for. */
  knowsFailure: boolean;
}

/** Waits for hosts of a command. @returns what was seen of it once each has ended, or is given up */
export type Lookout = (command: SentCommand, options: WaitOptions) => Promise<Seen>;

/**
 * Looks at all commands that are waited for, together: one by its hosts, several by one list that counts how many hosts of
 * each have ended, and then at the hosts of those alone that are over or have their first failure. So a thousand hosts are
 * one call a look. The counts only say when to look: what became of a host is read from its own invocation.
 */
export function openLookout(ports: SsmPorts): Lookout {
  const watches = new Map<string, Watch>();
  let pause = firstPauseMs;
  let wake = new AbortController();
  let halt: AbortController | undefined;

  const join = (waiter: Waiter): void => {
    const { id } = waiter.command;
    const watch = watches.get(id) ?? unseen();
    watches.set(id, watch);
    watch.waiters.add(waiter);
    if (pause > firstPauseMs) wake.abort();
    pause = firstPauseMs;
    if (halt === undefined) void lookOn((halt = new AbortController()).signal);
  };

  const leave = (waiter: Waiter): void => {
    const watch = watches.get(waiter.command.id);
    watch?.waiters.delete(waiter);
    if (watch?.waiters.size === 0) watches.delete(waiter.command.id);
    if (watches.size > 0) return;
    halt?.abort();
    halt = undefined;
  };

  /** Until nobody waits any more. */
  const lookOn = async (signal: AbortSignal): Promise<void> => {
    // Whoever is about to wait as well is looked for at once.
    await Promise.resolve();
    while (!signal.aborted) {
      const began = ports.clock.now();
      const isNews = await lookAtAll(signal);
      for (const watch of watches.values()) tell(watch, ports.clock.now());
      if (signal.aborted) return;
      // What a look itself has taken is a part of the pause, but never all of it.
      const took = Math.max(0, ports.clock.now() - began);
      const slept = Math.max(pause - took, pause / 4);
      wake = new AbortController();
      await ports.clock.sleep(slept, AbortSignal.any([signal, wake.signal])).catch(() => undefined);
      if (wake.signal.aborted) continue;
      for (const { waiters } of watches.values()) for (const waiter of waiters) waiter.paused += slept;
      const isAlone = watches.size === 1;
      const most = isAlone || isNews ? longestPauseMs : quietPauseMs;
      pause = Math.min(pause * (isAlone ? growth.alone : growth.several), most);
    }
  };

  const lookAtAll = async (signal: AbortSignal): Promise<boolean> => {
    const call = ssmCalls({ ...ports, signal });
    const all = [...watches].map(([id, watch]) => ({ id, watch, waiters: [...watch.waiters] }));
    try {
      const sent = all.flatMap(({ waiters: [waiter] }) => waiter?.command ?? []);
      const counts = sent.length > 1 ? await countCommands(sent, call) : undefined;
      const news = all.map(async ({ id, watch, waiters }) => {
        const isNews = note(watch, counts?.get(id));
        watch.isSeen = counts === undefined || isDue(watch, ports.clock.now());
        if (!watch.isSeen) return isNews;
        try {
          for (const one of await listInvocations(id, call)) watch.seen.set(one.InstanceId ?? "", one);
        } catch (error) {
          for (const waiter of waiters) waiter.fail(error);
        }
        return true;
      });
      return (await Promise.all(news)).includes(true);
    } catch (error) {
      for (const { waiters } of all) for (const waiter of waiters) waiter.fail(error);
      return true;
    }
  };

  return async (command, options) => {
    const signal = options.signal ?? new AbortController().signal;
    let leaves = (): void => undefined;
    try {
      return await unlessAborted(
        signal,
        () =>
          new Promise<Seen>((end, fail) => {
            const waiter = { command, options, paused: 0, told: new Map<string, string>(), end, fail };
            leaves = () => leave(waiter);
            join(waiter);
          }),
      );
    } finally {
      leaves();
    }
  };
}

function unseen(): Watch {
  return { seen: new Map(), waiters: new Set(), count: undefined, isSeen: false, knowsFailure: false };
}

/** @returns whether other hosts have ended than before */
function note(watch: Watch, count: Count | undefined): boolean {
  const before = watch.count?.ended ?? 0;
  watch.count = count ?? watch.count;
  return (watch.count?.ended ?? 0) > before;
}

/** Whether the hosts of a command have to be looked at by themselves. */
function isDue(watch: Watch, now: number): boolean {
  const { count, waiters } = watch;
  if ([...waiters].some((waiter) => isGivenUp(waiter, now))) return true;
  if (count === undefined) return [...waiters].some(({ paused }) => paused >= listedWithinMs);
  const hasFailed = count.failed > 0 && !watch.knowsFailure;
  watch.knowsFailure ||= hasFailed;
  return hasFailed || count.ended >= count.of;
}

/** Tells those who wait for a command what is new, and those that it is over for whom it is. */
function tell({ seen, count, isSeen, waiters }: Watch, now: number): void {
  for (const waiter of waiters) {
    const { command, options, paused, told } = waiter;
    let open = 0;
    for (const host of command.hosts) {
      const status = statusOf(seen.get(host));
      if (status !== undefined && told.get(host) !== status) options.onChange?.(host, status);
      if (status !== undefined) told.set(host, status);
      if (status === undefined ? paused < appearWithinMs || !isSeen : endOf(status) === undefined) open += 1;
    }
    if (open === 0 || isGivenUp(waiter, now)) waiter.end(seen);
    else if (count !== undefined) options.onCount?.(count.ended, count.of);
  }
}

function isGivenUp({ command, options, paused }: Waiter, now: number): boolean {
  return now >= command.deadline || paused >= (options.patienceMs ?? Infinity);
}

/** SSM's word for where it is, normalised; undefined where it was not shown yet. */
export function statusOf(one: CommandInvocation | undefined): string | undefined {
  return one === undefined ? undefined : normalise(one.StatusDetails ?? one.Status ?? "");
}

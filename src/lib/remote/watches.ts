import type { CommandInvocation } from "@aws-sdk/client-ssm";
import type { Count } from "./looks.ts";
import type { SentCommand, WaitOptions } from "./remote.ts";
import { endOf, normalise } from "./statuses.ts";

/** A command's invocations appear late (the API is eventually consistent by its own documentation). */
const appearWithinMs = 60_000;
/** So long a command may be missing from the list of all before its hosts are asked for by themselves. */
const listedWithinMs = 10_000;

/** So long a host may take to take a command: one that is well does it in a second. */
const claimedWithinMs = 30_000;

/** What SSM has shown of the hosts of a command, by id. */
export type Seen = ReadonlyMap<string, CommandInvocation>;

/** Somebody who waits for hosts of a command. */
export interface Waiter {
  readonly command: SentCommand;
  readonly options: WaitOptions;
  /** Looks that AWS kept waiting have seen nothing of the time. */
  paused: number;
  /** What it was told of each host. */
  readonly told: Map<string, string>;
  /** Of which it was told that they do not take the command. */
  readonly unclaimed: Set<string>;
  readonly end: (seen: Seen) => void;
  readonly fail: (error: unknown) => void;
}

/** A command that is looked at, and what was seen of it. */
export interface Watch {
  readonly seen: Map<string, CommandInvocation>;
  readonly waiters: Set<Waiter>;
  count: Count | undefined;
  /** Its hosts themselves were asked for the last time: who is not among them is not there. */
  isSeen: boolean;
  /** Its first failure was looked for. */
  knowsFailure: boolean;
}

export function unseen(): Watch {
  return { seen: new Map(), waiters: new Set(), count: undefined, isSeen: false, knowsFailure: false };
}

/** @returns how many more hosts have ended than before */
export function note(watch: Watch, count: Count | undefined): number {
  const before = watch.count?.ended ?? 0;
  watch.count = count ?? watch.count;
  return Math.max(0, (watch.count?.ended ?? 0) - before);
}

/** Whether the hosts of a command have to be looked at by themselves. */
export function isDue(watch: Watch, now: number): boolean {
  const { count, waiters } = watch;
  if ([...waiters].some((waiter) => isGivenUp(waiter, now))) return true;
  if (count === undefined) return [...waiters].some(({ paused }) => paused >= listedWithinMs);
  const hasFailed = count.failed > 0 && !watch.knowsFailure;
  watch.knowsFailure ||= hasFailed;
  return hasFailed || count.ended >= count.of;
}

/** Tells those who wait for a command what is new, and those that it is over for whom it is. */
export function tell({ seen, count, isSeen, waiters }: Watch, now: number): void {
  for (const waiter of waiters) {
    const { command, options, paused, told } = waiter;
    let open = 0;
    for (const host of command.hosts) {
      const status = statusOf(seen.get(host));
      if (status !== undefined && told.get(host) !== status) options.onChange?.(host, status);
      if (status !== undefined) told.set(host, status);
      if (paused >= claimedWithinMs && isUnclaimed(status) && !waiter.unclaimed.has(host)) {
        waiter.unclaimed.add(host);
        options.onUnclaimed?.(host);
      }
      if (status === undefined ? paused < appearWithinMs || !isSeen : endOf(status) === undefined) open += 1;
    }
    if (open === 0 || isGivenUp(waiter, now)) waiter.end(seen);
    else if (count !== undefined) options.onCount?.(count.ended, count.of);
  }
}

/** SSM waits for the host's agent. */
function isUnclaimed(status: string | undefined): boolean {
  return status === "pending" || status === "delayed";
}

function isGivenUp({ command, options, paused }: Waiter, now: number): boolean {
  return now >= command.deadline || paused >= (options.patienceMs ?? Infinity);
}

/** SSM's word for where it is, normalised; undefined where it was not shown yet. */
export function statusOf(one: CommandInvocation | undefined): string | undefined {
  return one === undefined ? undefined : normalise(one.StatusDetails ?? one.Status ?? "");
}

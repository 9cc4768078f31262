import { type Share, shareText, sizeOf } from "../config/pace.ts";
import type { EnvironmentConfig } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { count, span } from "../text/words.ts";

/** How a release comes over its hosts. */
export interface Pace {
  /** So long the first host is watched before the next ones are begun, in milliseconds. */
  readonly observeMs: number;
  /** How many hosts are switched at once after the first. */
  readonly batch: Share;
  /** Of those at most so many as nobody is answered by meanwhile. */
  readonly maxUnavailable: Share | undefined;
  /** Parts of a hundred requests that it gets step by step; undefined where it gets all at once. */
  readonly weights: readonly number[] | undefined;
}

/** Hosts that are switched at once. */
export type Round<Host> = readonly [Host, ...Host[]];

/** What counts of a host. */
interface Turn {
  /** It is left as it is. */
  readonly stays: boolean;
  /** Nobody is answered by it meanwhile. */
  readonly hasGap: boolean;
}

type Paced = Pick<EnvironmentConfig, "name" | "observeMs" | "batch" | "maxUnavailable" | "weights" | "timeoutMs">;

interface Asked {
  readonly environment: Paced;
  /** What flags say. */
  readonly typed: Partial<Pace>;
  /** How many hosts are deployed to. */
  readonly hosts: number;
  /** The command without these flags. */
  readonly again: string;
}

/** What flags say, otherwise threads.yml. @throws ThreadsError PACE_UNFIT (usage) where a flag asks for what there is not */
export function paceOf({ environment, typed, hosts, again }: Asked): Pace {
  const { name, observeMs, batch, maxUnavailable, weights, timeoutMs } = environment;
  const unfit = (message: string): ThreadsError =>
    new ThreadsError("PACE_UNFIT", { message, next: [again, `${again} --dry-run`] });
  for (const [flag, share] of [
    ["--batch", typed.batch],
    ["--max-unavailable", typed.maxUnavailable],
  ] as const)
    if (share !== undefined && "hosts" in share && share.hosts > hosts)
      throw unfit(`${flag} ${shareText(share)} is more than ${name} has: ${count(hosts, "host")}`);
  if (typed.observeMs !== undefined && typed.observeMs >= timeoutMs)
    throw unfit(
      `--observe ${span(typed.observeMs)} leaves no time for the other hosts: a deployment to ${name} may take ${span(timeoutMs)} (timeout)`,
    );
  return {
    observeMs: typed.observeMs ?? observeMs,
    batch: typed.batch ?? batch,
    maxUnavailable: typed.maxUnavailable ?? maxUnavailable,
    weights: typed.weights ?? weights,
  };
}

/**
 * Going back is for all at once. A new release comes to one host first, so that a bad one meets one of them, and then to
 * batches, in each of which not too many are without the application.
 */
export function roundsOf<Host extends Turn>(
  kind: "deploy" | "rollback",
  hosts: readonly Host[],
  pace: Pace,
): readonly Round<Host>[] {
  const [first, ...others] = hosts.filter(({ stays }) => !stays);
  if (first === undefined) return [];
  if (kind === "rollback") return [[first, ...others]];
  const size = sizeOf(pace.batch, hosts.length);
  const gaps = pace.maxUnavailable === undefined ? size : sizeOf(pace.maxUnavailable, hosts.length);
  const rounds: [Host, ...Host[]][] = [[first]];
  let batch: [Host, ...Host[]] | undefined;
  for (const host of others) {
    const without = (batch ?? []).filter(({ hasGap }) => hasGap).length;
    if (batch !== undefined && batch.length < size && (!host.hasGap || without < gaps)) batch.push(host);
    else rounds.push((batch = [host]));
  }
  return rounds;
}

import type { Clock } from "../../clock/clock.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { LogLine } from "../../fleet/log-line.ts";
import type { KeptLogs } from "../../fleet/member-logs.ts";
import { extendedPattern } from "../../text/extended-pattern.ts";
import type { Track } from "./track.ts";

export interface ReadOutPorts {
  readonly kept: KeptLogs;
  readonly clock: Pick<Clock, "sleep">;
  /** Ends the waiting: of Ctrl-C, or of a reader that went away. */
  readonly stop: AbortSignal;
}

export interface ReadOutWanted {
  readonly number: number;
  /** No other hosts than those of the tracks. */
  readonly only: boolean;
  readonly grep: string | undefined;
  /** As long as hosts read it out, handing on what comes. */
  readonly follow: boolean;
  readonly show: ((lines: readonly LogLine[]) => void) | undefined;
  /** Told how many lines there are by now. */
  readonly onLines: (count: number) => void;
}

/** Between two looks; CloudWatch Logs takes five of them a second from an account (service quotas). */
const pauseMs = 2_000;
/** An agent writes what it has every half a minute at the latest (user guide), so what is the last of it may come so late. */
const settlePauses = 3;
/** Where nothing at all has come after so many looks, nothing will: the hosts' role may not write it. */
const mostEmpty = 20;
/** What comes late may be older than what was read. */
const overlapMs = 60_000;

/**
 * The log of a deployment as its hosts have read it out into CloudWatch Logs, host by host: also of those that are gone.
 * @returns undefined where there is nothing of it there: then the hosts themselves are asked
 */
export async function readOutLog(
  tracks: readonly Track[],
  wanted: ReadOutWanted,
  ports: ReadOutPorts,
): Promise<readonly LogLine[] | undefined> {
  const { number, follow, show, onLines } = wanted;
  const { kept, clock, stop } = ports;
  const lines = new Map<string, LogLine[]>();
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  /** Hosts that were told to read it out, and that have. */
  const [told, wrote] = [new Set<string>(), new Set<string>()];
  let calm = 0;
  for (let round = 0; ; round += 1) {
    stop.throwIfAborted();
    const parts = await kept.parts(number);
    if (parts.length === 0 && round === 0) return undefined;
    let isNews = false;
    for (const { id, hosts } of parts) {
      for (const host of hosts) told.add(host);
      const since = Math.max(0, (newest.get(id) ?? 0) - overlapMs);
      const pieces = (await kept.pieces(id, since)).filter((piece) => !seen.has(piece.id));
      for (const piece of pieces) seen.add(piece.id);
      for (const { host } of pieces) wrote.add(host);
      const ours = wanted.only ? pieces.filter(({ host }) => tracks.some((track) => track.host.id === host)) : pieces;
      newest.set(id, Math.max(newest.get(id) ?? 0, ...pieces.map(({ at }) => at)));
      const said = ours.flatMap((piece) => linesOf(piece, tracks, wanted.grep));
      for (const line of said) lines.set(line.host, [...(lines.get(line.host) ?? []), line]);
      if (said.length > 0) show?.(said);
      isNews ||= pieces.length > 0;
    }
    onLines([...lines.values()].flat().length);
    const isOver = parts.every(({ hasEnded }) => hasEnded);
    calm = isOver && !isNews ? calm + 1 : 0;
    if (!follow || calm > settlePauses || (seen.size === 0 && round >= mostEmpty)) break;
    await clock.sleep(pauseMs, stop);
  }
  if (seen.size === 0) return undefined;
  for (const track of tracks) {
    const isLacking = told.has(track.host.id) && !wrote.has(track.host.id);
    track.silence = isLacking ? `${kept.name} has nothing of it yet` : undefined;
    track.wasRead = !isLacking;
  }
  return show === undefined ? [...lines.values()].flat() : [];
}

function linesOf(
  { host, text }: { readonly host: string; readonly text: string },
  tracks: readonly Track[],
  grep: string | undefined,
): LogLine[] {
  const name = tracks.find((track) => track.host.id === host)?.name ?? host;
  const pattern = grep === undefined ? undefined : extendedPattern(grep);
  return text
    .replace(/\n$/, "")
    .split("\n")
    .filter((line) => pattern?.test(line) !== false)
    .map((line) => ({ loggedAt: null, host: name, service: null, container: null, text: line }));
}

/** Why CloudWatch Logs is not read although a group is named, for a person. @throws what is no answer of AWS */
export function whyUnread(error: unknown): string {
  if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
  return error.message;
}

import { type LogsOptions, logsLine, standardTail } from "./options.ts";
import type { LogLine } from "../../fleet/log-line.ts";
import type { LogHost, LogsResult } from "./result.ts";
import { list, span } from "../../text/words.ts";
import { missingOf, type Track } from "./track.ts";

interface Read {
  readonly options: LogsOptions;
  readonly tracks: readonly Track[];
  /** Undefined where they were handed on. */
  readonly lines: readonly LogLine[] | undefined;
  /** All was read, and there was not a line. */
  readonly isEmpty: boolean;
  /** What that means, for people. */
  readonly whenEmpty: string;
  /** How far back was looked, where that is not as far as was wanted. */
  readonly looked?: string | undefined;
  /** How it ended, where nothing is missing. */
  readonly outcome: "read" | "followed";
}

/** The result, with what of it is missing: pure. */
export function report({ options, tracks, lines, isEmpty, whenEmpty, looked, outcome }: Read): LogsResult {
  const { environment, services, deployment } = options;
  const hosts = tracks.map(hostOf);
  const cut = hosts.filter(({ left }) => (left ?? 0) > 0);
  const isPartial = hosts.some(({ verdict }) => verdict !== "read");
  return {
    outcome: outcome === "read" && isPartial ? "partly-read" : outcome,
    environment,
    services: services.length === 0 || deployment !== undefined ? null : services,
    deployment: deployment ?? null,
    hosts,
    lines: lines ?? null,
    next: isPartial ? [`threads status -e ${environment}`] : looked === undefined ? [] : further(options),
    advice: [
      ...cut.map((host) => cutText(host, tracks)),
      ...(looked === undefined ? [] : [looked]),
      ...(isEmpty && !isPartial && looked === undefined ? [emptyText(options, whenEmpty)] : []),
    ],
  };
}

/** How far back `--since` has to look for what was not found. */
export const furthest = "30d";

function further(options: LogsOptions): readonly string[] {
  const { since, tail = standardTail } = options;
  return since === undefined ? [logsLine(options, { since: furthest, tail })] : [];
}

/** Whether fewer lines were found than were wanted, and nobody has looked further back: a sentence. @param now milliseconds since the epoch */
export function lookedText(
  tracks: readonly Pick<Track, "report">[],
  { isEmpty, now }: { readonly isEmpty: boolean; readonly now: number },
): string | undefined {
  const [latest] = tracks
    .flatMap(({ report: last }) => last?.lookedSince ?? [])
    .toSorted()
    .toReversed();
  if (latest === undefined) return undefined;
  const ms = now - Date.parse(latest);
  const what = isEmpty ? "nothing" : "nothing else";
  const within = ms < 1_000 ? "was found soon" : `was said in the last ${span(ms)}`;
  return `${what} ${within}, and further back was not looked`;
}

/** An empty screen would leave it open whether anything was looked at. */
function emptyText({ grep, since }: LogsOptions, whenEmpty: string): string {
  const narrowed = [...(grep === undefined ? [] : ["--grep"]), ...(since === undefined ? [] : ["--since"])];
  return narrowed.length > 0
    ? `${list(narrowed)} ${narrowed.length === 1 ? "leaves" : "leave"} no line of what was said`
    : `nothing was said there: ${whenEmpty}`;
}

function hostOf({ host, silence, wasRead, report: last }: Track): LogHost {
  const { id, name } = host;
  if (silence !== undefined && !wasRead) return { id, name, verdict: "unread", left: null, says: silence };
  const says = silence ?? missingOf({ report: last });
  return { id, name, verdict: says === "" ? "read" : "partly-read", left: last?.left ?? 0, says };
}

function cutText({ id, left }: LogHost, tracks: readonly Track[]): string {
  const track = tracks.find(({ host }) => host.id === id);
  const least = track?.report?.late === true ? "at least " : "";
  const number = String(left).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  return `… ${least}${number} ${left === 1 ? "line" : "lines"} more on ${track?.name ?? id}: --since, --grep or --tail narrow it`;
}

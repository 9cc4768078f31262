import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Told } from "../progress/recorded.ts";
import { isRunName } from "./folder.ts";
import { type BegunRun, type EndedRun, type RunEvent, runFiles } from "./run.ts";

/** A run as it lies on the disk. */
export interface StoredRun {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  readonly begun: BegunRun;
  /** Undefined where it has not ended, or was killed. */
  readonly ended: EndedRun | undefined;
}

/** A task of a run. */
export interface Phase {
  /** As it was called when it began. */
  readonly title: string;
  readonly startedAt: string;
  /** Undefined where it has not ended. */
  readonly tookMs: number | undefined;
  readonly ok: boolean | undefined;
}

/** The runs of a checkout. */
export interface StoredRuns {
  /** Oldest first; what cannot be read is left out, and how many that were is told. */
  readonly list: () => { readonly runs: readonly StoredRun[]; readonly unread: number };
  /** In the order in which they began. */
  readonly phases: (run: StoredRun) => readonly Phase[];
  /** Names of what lies in its folder, logs last. */
  readonly files: (run: StoredRun) => readonly string[];
}

/** @param folder where they lie, see runsFolder */
export function storedRuns(folder: string): StoredRuns {
  return {
    list: () => {
      const names = existsSync(folder) ? readdirSync(folder).filter(isRunName).toSorted() : [];
      const runs = names.flatMap((name) => readRun(folder, name) ?? []);
      return { runs, unread: names.length - runs.length };
    },
    phases: (run) => phasesIn(eventsOf(run)),
    files: ({ folder: own }) =>
      readdirSync(own, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(own.length + 1))
        .toSorted((one, other) => depth(one) - depth(other) || (one < other ? -1 : 1)),
  };
}

const depth = (file: string): number => file.split("/").length;

function readRun(folder: string, name: string): StoredRun | undefined {
  const own = join(folder, name);
  const begun = readJson(join(own, runFiles.begun)) as BegunRun | undefined;
  if (begun?.schema !== 1 || typeof begun.command !== "string" || Number.isNaN(Date.parse(begun.startedAt)))
    return undefined;
  const ended = readJson(join(own, runFiles.ended)) as EndedRun | undefined;
  return { name, folder: own, begun, ended: ended?.schema === 1 ? ended : undefined };
}

/** Whoever was killed while writing leaves half of it. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Beginnings and ends of tasks alone: of the rest there may be megabytes. */
function eventsOf({ folder }: StoredRun): readonly RunEvent[] {
  const file = join(folder, runFiles.events);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines
    .filter((line) => /"event":"(?:begin|end)"/.test(line))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as RunEvent];
      } catch {
        return [];
      }
    });
}

function phasesIn(events: readonly RunEvent[]): readonly Phase[] {
  const ends = new Map(events.flatMap((one) => (one.event === "end" ? [[one.task, one] as const] : [])));
  return events.flatMap((one) => (one.event === "begin" ? [phaseOf(one, ends.get(one.task))] : []));
}

type Begin = RunEvent & Extract<Told, { readonly event: "begin" }>;
type End = RunEvent & Extract<Told, { readonly event: "end" }>;

function phaseOf({ title, at: startedAt }: Begin, end: End | undefined): Phase {
  const tookMs = end && Date.parse(end.at) - Date.parse(startedAt);
  return { title, startedAt, tookMs, ok: end?.ok };
}

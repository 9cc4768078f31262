import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Compose } from "../../compose/docker-compose.ts";
import { type MadeFrom, madeFrom, onThisMachine } from "../../compose/made-from.ts";
import { namesNeeded, namesTaken } from "../../compose/needed-files.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Progress } from "../../progress/progress.ts";
import type { Changed, Source } from "../../source/source.ts";
import { count, list } from "../../text/words.ts";
import type { TestConfig } from "./plan.ts";
import type { Since } from "./result.ts";

export interface ChangedPorts {
  readonly config: { readonly file: string };
  readonly compose: Pick<Compose, "openModel">;
  readonly source: Pick<Source, "changedSince">;
  readonly progress: Pick<Progress, "note" | "warn">;
  readonly signal: AbortSignal;
  /** Variables that compose files may name. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What of all that the suites are made from has changed since the commit where this one and `name` parted: threads.yml, their
 * compose files, and what these build from, read and mount. What nobody can tell is a warning, and the suites are to run.
 * @throws ThreadsError UNKNOWN_REVISION and its like where git knows no such name, GIT_FAILED
 */
export async function changedSince(name: string, test: TestConfig, ports: ChangedPorts): Promise<Since> {
  const { compose, source, progress, signal, config, env } = ports;
  const [first = ""] = test.compose;
  const own = withNeeded(test.compose, env);
  const model = await compose.openModel(test.compose, signal).catch(unreadable);
  const named = "whyNot" in model ? nothing : madeFrom(model, { folder: dirname(first), env });
  const paths = new Set([config.file, ...own.paths, ...named.paths]);
  const found = await source.changedSince(name, [...paths]).catch(outside);
  const whyNot = "whyNot" in model ? model.whyNot : untold(found, [...new Set([...own.unknown, ...named.unknown])]);
  if (whyNot !== undefined) progress.warn(`the suites run, whatever has changed since ${name}: ${whyNot}`);
  if (typeof found === "string") return { name, from: null, changed: null };
  if (whyNot !== undefined) return { name, from: found.from, changed: null };
  const { from, files } = found;
  if (files.length > 0)
    progress.note(`${count(files.length, "file")} that the suites are made from changed since ${name}: ${some(files)}`);
  return { name, from, changed: files };
}

const nobodyTells = {
  shallow: "this clone does not know where they parted (git fetch --unshallow)",
  unrelated: "it has no commit in common with this one",
  outside: "they are made from what lies outside of the git repository, too",
} as const;

function untold(found: Changed | keyof typeof nobodyTells, unknown: readonly string[]): string | undefined {
  if (typeof found === "string") return nobodyTells[found];
  return unknown.length === 0 ? undefined : `their compose files name ${list(unknown)}`;
}

const nothing: MadeFrom = { paths: [], unknown: [] };

/** Compose may read with their values what it does not while variables are open; what is wrong with the files the run tells. */
function unreadable(error: unknown): { readonly whyNot: string } {
  if (error instanceof ThreadsError && error.code === "COMPOSE_FILE") return { whyNot: error.message };
  throw error;
}

/** So many are named. */
const named = 3;

function some(files: readonly string[]): string {
  const more = files.length - named;
  return list([...files.slice(0, named), ...(more > 0 ? [count(more, "other")] : [])]);
}

function outside(error: unknown): "outside" {
  const says = error instanceof ThreadsError && error.code === "GIT_FAILED" ? error.details : [];
  if (says.some((line) => /is outside repository/.test(line))) return "outside";
  throw error;
}

/** Compose files, and all that they include and extend. */
function withNeeded(files: readonly string[], env: ChangedPorts["env"]): MadeFrom {
  const [paths, unknown] = [[...files], [] as string[]];
  for (const one of paths) {
    const text = textOf(one);
    const next = onThisMachine([...namesNeeded(text), ...namesTaken(text)], { folder: dirname(one), env });
    paths.push(...next.paths.filter((path) => !paths.includes(path)));
    unknown.push(...next.unknown);
  }
  return { paths, unknown };
}

/** What is not there compose misses by name, before this. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

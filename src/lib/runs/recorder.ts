import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../clock/clock.ts";
import type { Listener, Told } from "../progress/recorded.ts";
import { runName, runsFolder } from "./folder.ts";
import { headOf } from "./head.ts";
import { redactedWords, redactor } from "./redact.ts";
import { removeOldest } from "./remove-oldest.ts";
import { type BegunRun, type EndedRun, runFiles } from "./run.ts";

/** Writes down what a command does, in a folder of its own. Nothing of it ever fails the command. */
export interface RunRecorder extends Listener {
  /** From now on it is known where. */
  readonly openAt: (root: string) => void;
  readonly end: (ending: Pick<EndedRun, "exitCode" | "result">) => void;
}

export interface RecorderOptions {
  readonly command: string;
  readonly argv: readonly string[];
  readonly environment: string | null;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, "now">;
  /** Six digits, 0-9 and a-f. */
  readonly id: string;
  /** Told once, where it cannot be written. */
  readonly warn: (message: string) => void;
}

/** A run that says more than this is cut there, in bytes; a log keeps its end. */
const mostEvents = 8 * 1024 * 1024;
const mostOfLog = 2 * 1024 * 1024;
/** Of what is told before the folder is known. */
const mostWaiting = 10_000;

export function runRecorder(options: RecorderOptions): RunRecorder {
  const { command, env, clock, id, warn } = options;
  const redact = redactor(env);
  const startedAt = clock.now();
  const waiting: (() => void)[] = [];
  let folder: string | undefined;
  let isGone = false;
  let bytes = 0;
  /** A full disk, or a folder that nobody may write to, costs one warning. */
  const attempt = (write: (place: string) => void): void => {
    if (isGone) return;
    if (folder === undefined) return void (waiting.length < mostWaiting && waiting.push(() => attempt(write)));
    try {
      write(folder);
    } catch (error) {
      isGone = true;
      warn(`this run is not on record: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const json = (value: unknown): string =>
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === "string" ? redact(inner) : inner));
  const begun = (root: string): BegunRun => ({
    schema: 1,
    command,
    argv: redactedWords(options.argv, redact),
    environment: options.environment,
    head: headOf(root),
    startedAt: iso(startedAt),
    version: options.version,
    pid: process.pid,
    url: jobUrl(env),
  });
  const tell = (told: Told): void => {
    const line = `${json({ at: iso(clock.now()), ...told })}\n`;
    attempt((place) => {
      // What tells how long something took is always kept.
      if ((bytes += line.length) > mostEvents && told.event !== "begin" && told.event !== "end") return;
      appendFileSync(join(place, runFiles.events), line);
    });
  };
  return {
    tell,
    keep: (name, lines) =>
      attempt((place) => {
        if (lines.every((line) => line === "")) return;
        mkdirSync(join(place, runFiles.logs), { recursive: true, mode: 0o700 });
        const file = join(place, runFiles.logs, `${name.replaceAll(/[^\w.-]+/g, "-")}.log`);
        appendFileSync(file, ending(redact(lines.map((line) => `${line}\n`).join(""))), { mode: 0o600 });
      }),
    openAt: (root) => {
      if (folder !== undefined || isGone) return;
      folder = join(runsFolder(root, env), runName(command, startedAt, id));
      attempt((place) => {
        mkdirSync(place, { recursive: true, mode: 0o700 });
        ignoredByGit(dirname(place));
        writeFileSync(join(place, runFiles.begun), `${json(begun(root))}\n`, { mode: 0o600 });
        writeFileSync(join(place, runFiles.events), "", { mode: 0o600 });
      });
      for (const write of waiting.splice(0)) write();
    },
    end: ({ exitCode, result }) => {
      if (folder === undefined) return;
      const now = clock.now();
      const ended: EndedRun = { schema: 1, exitCode, endedAt: iso(now), tookMs: now - startedAt, result };
      attempt((place) => writeFileSync(join(place, runFiles.ended), `${json(ended)}\n`, { mode: 0o600 }));
      attempt((place) => removeOldest(dirname(place), place));
    },
  };
}

/** A checkout stays as clean as it was, whatever its own .gitignore says. */
function ignoredByGit(runs: string): void {
  const ignore = join(runs, ".gitignore");
  if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
}

/** The end of a log tells most. */
function ending(text: string): string {
  return text.length <= mostOfLog ? text : `… ${text.slice(-mostOfLog)}`;
}

function jobUrl(env: RecorderOptions["env"]): string | null {
  const [server, repository, run] = ["SERVER_URL", "REPOSITORY", "RUN_ID"].map((name) => env[`GITHUB_${name}`]);
  return run === undefined ? null : `${server ?? ""}/${repository ?? ""}/actions/runs/${run}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../clock/clock.ts";
import type { Listener } from "../progress/recorded.ts";
import { runName, runsFolder } from "./folder.ts";
import { headOf } from "./head.ts";
import { jobUrl } from "./job-url.ts";
import { makeRunsFolder } from "./make-runs-folder.ts";
import { recordFolder } from "./record-folder.ts";
import { redactedWords, redactor } from "./redact.ts";
import { removeOldest } from "./remove-oldest.ts";
import { type BegunRun, type EndedRun, runFiles } from "./run.ts";

/** Takes down what a command does. Nothing of it ever fails the command. */
export interface RunRecorder extends Listener {
  /** From now on it is known where. */
  readonly openAt: (config: { readonly root: string; readonly app: string }) => void;
  /** @returns whether something goes on that nobody waits for any more, and that would hold the process */
  readonly end: (ending: Pick<EndedRun, "exitCode" | "result">) => void | Promise<{ readonly goesOn: boolean }>;
}

/** In a folder of its own; who waits for nobody has it there at once. */
export interface WrittenRun extends RunRecorder {
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

export function runRecorder(options: RecorderOptions): WrittenRun {
  const { command, env, clock, id, warn } = options;
  const redact = redactor(env);
  const startedAt = clock.now();
  const folder = recordFolder((why) => warn(`this run is not on record: ${why}`));
  let isOpen = false;
  let bytes = 0;
  const json = (value: unknown): string =>
    `${JSON.stringify(value, (_, inner: unknown) => (typeof inner === "string" ? redact(inner) : inner))}\n`;
  return {
    tell: (told) => {
      const line = json({ at: iso(clock.now()), ...told });
      folder.write((place) => {
        // What tells how long something took is always kept.
        if ((bytes += line.length) > mostEvents && told.event !== "begin" && told.event !== "end") return;
        appendFileSync(join(place, runFiles.events), line);
      });
    },
    keep: (name, lines) => folder.write((place) => writeLog(join(place, runFiles.logs), name, redact(textOf(lines)))),
    openAt: ({ root }) => {
      isOpen = true;
      folder.open(() => {
        const place = join(runsFolder(root, env), runName(command, startedAt, id));
        makeRunsFolder(dirname(place));
        mkdirSync(place, { recursive: true, mode: 0o700 });
        const begun = begunRun(options, { root, startedAt: iso(startedAt), redact });
        writeFileSync(join(place, runFiles.begun), json(begun), { mode: 0o600 });
        writeFileSync(join(place, runFiles.events), "", { mode: 0o600 });
        return place;
      });
    },
    end: ({ exitCode, result }) => {
      if (!isOpen) return;
      const now = clock.now();
      const ended: EndedRun = { schema: 1, exitCode, endedAt: iso(now), tookMs: now - startedAt, result };
      folder.write((place) => writeFileSync(join(place, runFiles.ended), json(ended), { mode: 0o600 }));
      folder.write((place) => removeOldest(dirname(place), place));
    },
  };
}

interface Begun {
  readonly root: string;
  readonly startedAt: string;
  readonly redact: (text: string) => string;
}

function begunRun(options: RecorderOptions, { root, startedAt, redact }: Begun): BegunRun {
  const { command, argv, environment, version, env } = options;
  const head = headOf(root);
  const url = jobUrl(env);
  const words = redactedWords(argv, redact);
  return { schema: 1, command, argv: words, environment, head, startedAt, version, pid: process.pid, url };
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function writeLog(folder: string, name: string, text: string): void {
  if (text.trim() === "") return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  appendFileSync(join(folder, `${name.replaceAll(/[^\w.-]+/g, "-")}.log`), ending(text), { mode: 0o600 });
}

/** The end of a log tells most. */
function ending(text: string): string {
  return text.length <= mostOfLog ? text : `… ${text.slice(-mostOfLog)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

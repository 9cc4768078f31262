import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { CommandFailed, type CommandLine, type Finished, type Processes, type RunOptions } from "./processes.ts";

const tailLines = 20;
/** A group that ignores TERM is killed after this long. */
const killAfterMs = 10_000;

/** Programs run by execa, each in its own process group. */
export const systemProcesses: Processes = groupedProcesses();

/**
 * Each program leads its own process group: Ctrl-C in a terminal reaches the CLI alone, which then decides what to stop
 * and what to let finish (a teardown must survive it). Stopping one ends the whole group, so that no grandchild stays.
 * @param options.killAfterMs pause between TERM and KILL, in milliseconds
 */
export function groupedProcesses(options: { readonly killAfterMs?: number } = {}): Processes {
  return { run: (command, given = {}) => run(command, given, options.killAfterMs ?? killAfterMs) };
}

async function run(command: CommandLine, options: RunOptions, graceMs: number): Promise<Finished> {
  options.signal?.throwIfAborted();
  const child = execa(command.file, [...command.args], {
    reject: false,
    detached: true,
    stripFinalNewline: options.encoding === undefined,
    env: { ...options.env } as Record<string, string>,
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
  });
  const ended = new AbortController();
  const guard = watchForStop({ pid: child.pid, graceMs, ended: ended.signal, ...options });
  try {
    const lines = options.onLine === undefined ? [] : passAllLines(child, options.onLine);
    const [result] = await Promise.all([child, ...lines]);
    if (guard.stoppedBy() === "signal") throw options.signal?.reason;
    const timedOut = guard.stoppedBy() === "timeout";
    return finishedOrFailed({ command, result, timedOut, allowFailure: options.allowFailure === true });
  } finally {
    ended.abort();
  }
}

interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly cause?: unknown;
  readonly stdout?: unknown;
  readonly stderr?: unknown;
}

function finishedOrFailed(ended: {
  readonly command: CommandLine;
  readonly result: Ended;
  readonly timedOut: boolean;
  readonly allowFailure: boolean;
}): Finished {
  const { command, result, timedOut } = ended;
  const exitCode = timedOut ? undefined : result.exitCode;
  const finished = { exitCode: exitCode ?? -1, stdout: text(result.stdout), stderr: text(result.stderr) };
  if (exitCode === 0 || (exitCode !== undefined && ended.allowFailure)) return finished;
  throw new CommandFailed({
    command,
    exitCode,
    tail: (finished.stderr || finished.stdout).split("\n").slice(-tailLines),
    reason: failureReason({ exitCode, timedOut, signal: result.signal, code: result.code }),
    cause: result.cause,
  });
}

interface StopOptions {
  readonly pid: number | undefined;
  readonly graceMs: number;
  readonly ended: AbortSignal;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Ends the group when the caller's signal or the time limit says so; remembers which of the two it was. */
function watchForStop({ pid, graceMs, ended, signal, timeoutMs }: StopOptions): {
  stoppedBy(): "signal" | "timeout" | undefined;
} {
  let by: "signal" | "timeout" | undefined;
  const stop = (cause: "signal" | "timeout"): void => {
    if (by !== undefined || pid === undefined || ended.aborted) return;
    by = cause;
    signalGroup(pid, "SIGTERM");
    void later(graceMs, ended, () => signalGroup(pid, "SIGKILL"));
  };
  if (signal?.aborted === true) stop("signal");
  else signal?.addEventListener("abort", () => stop("signal"), { once: true, signal: ended });
  if (timeoutMs !== undefined) void later(timeoutMs, ended, () => stop("timeout"));
  return { stoppedBy: () => by };
}

async function later(ms: number, unless: AbortSignal, then: () => void): Promise<void> {
  const due = await pause(ms, true, { signal: unless, ref: false }).catch(() => false);
  if (due) then();
}

/** A negative pid names the group (kill(2)); it is no error when nobody is left in it. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

interface Streaming {
  iterable(options: { from: "stdout" | "stderr" }): AsyncIterable<unknown>;
}

function passAllLines(child: Streaming, onLine: NonNullable<RunOptions["onLine"]>): Promise<void>[] {
  return (["stdout", "stderr"] as const).map(async (from) => {
    for await (const line of child.iterable({ from })) onLine(String(line), from);
  });
}

function text(output: unknown): string {
  return typeof output === "string" ? output : "";
}

/** Why it ended, as a pure function of what happened. */
export function failureReason(result: {
  readonly exitCode?: number | undefined;
  readonly timedOut: boolean;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
}): string {
  if (result.code === "ENOENT") return "is not installed, or not on the PATH";
  if (result.timedOut) return "took too long and was ended";
  if (result.signal !== undefined) return `was ended by ${result.signal}`;
  if (result.exitCode === undefined) return `could not be started (${result.code ?? "unknown reason"})`;
  return `exited with ${result.exitCode}`;
}

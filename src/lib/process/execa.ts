import { execa } from "execa";
import { CommandFailed, type CommandLine, type Finished, type Processes, type RunOptions } from "./processes.ts";

const tailLines = 20;
/** A program that ignores TERM is killed after this long. */
const forceKillAfterMs = 10_000;

/**
 * Programs run by execa, each in its own process group: Ctrl-C reaches the CLI alone, which then decides
 * what to stop and what to let finish (a teardown must survive it).
 */
export const systemProcesses: Processes = { run };

async function run(command: CommandLine, options: RunOptions = {}): Promise<Finished> {
  options.signal?.throwIfAborted();
  const child = execa(command.file, [...command.args], {
    reject: false,
    detached: true,
    stripFinalNewline: true,
    forceKillAfterDelay: forceKillAfterMs,
    env: { ...options.env } as Record<string, string>,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  });
  if (options.onLine !== undefined)
    await Promise.all([passLines(child, "stdout", options.onLine), passLines(child, "stderr", options.onLine)]);
  const result = await child;
  if (result.isCanceled) throw options.signal?.reason;
  const finished = { exitCode: result.exitCode ?? -1, stdout: text(result.stdout), stderr: text(result.stderr) };
  if (result.exitCode === 0 || (options.allowFailure === true && result.exitCode !== undefined)) return finished;
  throw new CommandFailed({
    command,
    exitCode: result.exitCode,
    tail: (finished.stderr || finished.stdout).split("\n").slice(-tailLines),
    reason: failureReason(result),
    cause: result.cause,
  });
}

interface Streaming {
  iterable(options: { from: "stdout" | "stderr" }): AsyncIterable<unknown>;
}

async function passLines(
  child: Streaming,
  from: "stdout" | "stderr",
  onLine: NonNullable<RunOptions["onLine"]>,
): Promise<void> {
  for await (const line of child.iterable({ from })) onLine(String(line), from);
}

function text(output: unknown): string {
  return typeof output === "string" ? output : "";
}

/** Why it ended, as a pure function of what happened. */
export function failureReason(result: {
  exitCode?: number | undefined;
  timedOut: boolean;
  signal?: string | undefined;
  code?: string | undefined;
}): string {
  if (result.code === "ENOENT") return "is not installed, or not on the PATH";
  if (result.timedOut) return "took too long and was ended";
  if (result.signal !== undefined) return `was ended by ${result.signal}`;
  if (result.exitCode === undefined) return `could not be started (${result.code ?? "unknown reason"})`;
  return `exited with ${result.exitCode}`;
}

import { shellOn } from "../../fleet/hosts.ts";
import type { ExecReport } from "../../script/exec-report.ts";
import { execLine, longestTimeoutMs } from "./options.ts";
import type { ExecPlan } from "./plan.ts";
import type { ExecResult } from "./result.ts";

/** A dry run. @param container in which it would run */
export function planned(plan: ExecPlan, container: string): ExecResult {
  const output = { stdout: null, stderr: null, stdoutBytes: null, stderrBytes: null };
  return {
    outcome: "planned",
    ...placeOf(plan, container),
    exitCode: null,
    ...output,
    recorded: false,
    next: [execLine({ ...plan.options, dryRun: false })],
    advice: [],
  };
}

/** How a command ended that was run. */
export function ran(plan: ExecPlan, report: ExecReport, recorded: boolean): ExecResult {
  const { end, code, container, stdout, stderr, stdoutBytes, stderrBytes } = report;
  const timedOut = end === "timed-out";
  const more = longer(plan);
  const cut = [cutText("stdout", stdout, stdoutBytes), cutText("stderr", stderr, stderrBytes)].flat();
  return {
    outcome: timedOut ? "timed-out" : code === 0 ? "succeeded" : "failed",
    ...placeOf(plan, container),
    exitCode: timedOut ? null : code,
    stdout,
    stderr,
    stdoutBytes,
    stderrBytes,
    recorded,
    next: [...(timedOut ? more : []), ...(cut.length > 0 ? [shellOn(plan.host)] : [])],
    advice: [...reasons(timedOut ? undefined : code), ...cut],
  };
}

function placeOf({ options, environment, host, service, command }: ExecPlan, container: string) {
  const { id, name } = host;
  return { environment, host: { id, name }, service, container, command, timeoutMs: options.timeoutMs };
}

function longer({ options }: ExecPlan): string[] {
  const timeoutMs = Math.min(options.timeoutMs * 4, longestTimeoutMs);
  return timeoutMs > options.timeoutMs ? [execLine({ ...options, timeoutMs })] : [];
}

/** What docker means by the exit codes that it takes for itself. */
const ownCodes: Readonly<Record<number, string>> = {
  125: "125 is docker's own, where it could not run the command",
  126: "126 is docker's own, where the container has no such program, or it may not be run",
  127: "127 is docker's own, where the container has no such program",
  137: "137 is a program that was killed: by the kernel for its memory, or with its container",
};

function reasons(code: number | undefined): string[] {
  if (code === undefined) return ["what it has done until then stays done"];
  const own = ownCodes[code];
  return own === undefined ? [] : [own];
}

function cutText(stream: string, text: string, bytes: number): string[] {
  const shown = Buffer.byteLength(text);
  // A letter that was cut through is not shown.
  if (bytes - shown < 4) return [];
  return [
    `${stream} is cut off after ${shown} of ${bytes} bytes: SSM hands on 24,000 characters of stdout and 8,000 of stderr`,
  ];
}

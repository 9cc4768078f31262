import type { ExecResult } from "../../actions/exec/result.ts";
import { hostText } from "../../fleet/hosts.ts";
import { commandText } from "../../process/processes.ts";
import { span } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import { choosePaint, type Paint, type Render } from "../paint.ts";
import type { Terminal } from "../terminal.ts";
import { wrapped } from "../wrap.ts";

/** A plan. Of a command that was run, stdout is its own: see writeExec. */
export const renderExec: Render<ExecResult> = (result, paint) => {
  const { outcome, environment, host, service, container, command, timeoutMs } = result;
  if (outcome !== "planned") return [];
  const [file = "", ...args] = command;
  return [
    `Would run ${paint.strong(commandText({ file, args }))}`,
    `  in ${service} (container ${container}) on ${hostText(host)} of ${environment}, for ${span(timeoutMs)} at most`,
    ...nextLines(result, paint),
  ];
};

/** Passes on what a command has written, each stream to its own, and says on stderr how it ended where that is no success. */
export async function writeExec(
  result: ExecResult,
  { out, err, colourErr, columnsErr, symbols }: Terminal,
): Promise<void> {
  if (result.stdout === null) return;
  out.write(result.stdout);
  err.write(result.stderr ?? "");
  if (result.stderr !== null && !/^$|\n$/.test(result.stderr)) err.write("\n");
  const lines = endLines(result, await choosePaint(colourErr));
  for (const line of lines) for (const part of wrapped(line, columnsErr ?? Infinity)) err.write(`${symbols(part)}\n`);
}

function endLines(result: ExecResult, paint: Paint): string[] {
  const { outcome, exitCode, service, host, timeoutMs } = result;
  const program = `${result.command[0] ?? ""} in ${service} on ${hostText(host)}`;
  const more = nextLines(result, paint);
  if (outcome === "timed-out") return [`${paint.bad("✖")} ${program} was ended after ${span(timeoutMs)}`, ...more];
  if (outcome === "failed") return [`${paint.bad("✖")} ${program} ended with exit code ${exitCode ?? ""}`, ...more];
  return more;
}

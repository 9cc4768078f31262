import type { ExplainedCode, ExplainedExit, ExplainedHostCode, ExplainResult } from "../../actions/explain/result.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { wrapped } from "../wrap.ts";

/** One code in full, or the list of them by exit code. */
export const renderExplain: Render<ExplainResult> = ({ asked, exitCodes, hostCodes }, paint, columns) => {
  const [exit] = exitCodes;
  const code = exit?.codes.find((one) => one.code === asked);
  if (code !== undefined) return inFull(code, exitCodes.map(exitText), paint, columns);
  if (asked !== null && hostCodes[0] !== undefined)
    return inFull(hostCodes[0], [`exit code ${asked} of the script on a host`], paint, columns);
  if (asked !== null)
    return exitCodes.flatMap((one) => [
      ...listed(one, paint, columns),
      ...hanging("changed:", one.changed, paint, columns),
    ]);
  return [
    ...exitCodes.filter(({ codes }) => codes.length > 0).flatMap((one) => [...listed(one, paint, columns), ""]),
    ...ofHosts(hostCodes, paint, columns),
    "",
    paint.dim("threads explain CODE tells what was changed and what to do"),
  ];
};

const exitText = ({ exitCode, meaning }: ExplainedExit): string => `exit code ${exitCode}: ${meaning}`;

function inFull(
  { code, meaning, changed, advice }: ExplainedCode,
  exits: readonly string[],
  paint: Paint,
  columns: number | undefined,
): string[] {
  return [
    `${paint.strong(code)}  ${paint.dim(exits.join("; "))}`,
    `  ${meaning}`,
    ...hanging("changed:", changed, paint, columns),
    ...advice.flatMap((line, index) => hanging(index === 0 ? "do:" : "", line, paint, columns)),
  ];
}

function listed(exit: ExplainedExit, paint: Paint, columns: number | undefined): string[] {
  const rows = exit.codes.map(({ code, meaning }) => [`  ${code}`, paint.dim(meaning)]);
  return [paint.strong(exitText(exit)), ...table(rows, { columns, leave: [] })];
}

/** A sentence beside its label, which goes on under itself. */
function hanging(label: string, text: string, paint: Paint, columns: number | undefined): string[] {
  const line = `  ${paint.dim(label.padEnd("changed:".length))} ${text}`;
  return columns === undefined ? [line] : wrapped(line, columns, "  changed: ".length);
}

function ofHosts(codes: readonly ExplainedHostCode[], paint: Paint, columns: number | undefined): string[] {
  const rows = codes.map(({ exitCode, code, meaning }) => [`  ${exitCode}`, code, paint.dim(meaning)]);
  return [
    paint.strong("exit codes of the script on a host, as SSM shows them"),
    ...table(rows, { columns, leave: [] }),
  ];
}

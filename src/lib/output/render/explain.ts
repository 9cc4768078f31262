import type { ExplainedCode, ExplainedExit, ExplainedHostCode, ExplainResult } from "../../actions/explain/result.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** One code in full, or the list of them by exit code. */
export const renderExplain: Render<ExplainResult> = ({ asked, exitCodes, hostCodes }, paint) => {
  const [exit] = exitCodes;
  const code = exit?.codes.find((one) => one.code === asked);
  if (code !== undefined) return inFull(code, exitCodes.map(exitText), paint);
  if (asked !== null && hostCodes[0] !== undefined)
    return inFull(hostCodes[0], [`exit code ${asked} of the script on a host`], paint);
  if (asked !== null) return exitCodes.flatMap((one) => [...listed(one, paint), changedText(one, paint)]);
  return [
    ...exitCodes.filter(({ codes }) => codes.length > 0).flatMap((one) => [...listed(one, paint), ""]),
    ...ofHosts(hostCodes, paint),
    "",
    paint.dim("threads explain CODE tells what was changed and what to do"),
  ];
};

const exitText = ({ exitCode, meaning }: ExplainedExit): string => `exit code ${exitCode}: ${meaning}`;

function inFull({ code, meaning, changed, advice }: ExplainedCode, exits: readonly string[], paint: Paint): string[] {
  return [
    `${paint.strong(code)}  ${paint.dim(exits.join("; "))}`,
    `  ${meaning}`,
    changedText({ changed }, paint),
    ...advice.map((line, index) => `${paint.dim(index === 0 ? "  do:     " : "          ")} ${line}`),
  ];
}

function listed(exit: ExplainedExit, paint: Paint): string[] {
  const rows = exit.codes.map(({ code, meaning }) => [`  ${code}`, paint.dim(meaning)]);
  return [paint.strong(exitText(exit)), ...table(rows)];
}

function changedText({ changed }: Pick<ExplainedExit, "changed">, paint: Paint): string {
  return `${paint.dim("  changed:")} ${changed}`;
}

function ofHosts(codes: readonly ExplainedHostCode[], paint: Paint): string[] {
  const rows = codes.map(({ exitCode, code, meaning }) => [`  ${exitCode}`, code, paint.dim(meaning)]);
  return [paint.strong("exit codes of the script on a host, as SSM shows them"), ...table(rows)];
}

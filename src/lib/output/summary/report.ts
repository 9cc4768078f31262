import type { ReportResult } from "../../actions/report/result.ts";
import { shortRevision } from "../../release/revision.ts";
import { took } from "../../text/words.ts";
import { code, plain, table } from "./markdown.ts";
import type { Summary } from "./summary.ts";

/** A row for each step of the train. */
export function reportSummary({ outcome, revision, runs }: ReportResult): Summary {
  if (outcome === "empty") return { title: "no command has left a record", facts: [], more: [] };
  const rows = runs.map(({ command, environment, exitCode, outcome: end, tookMs, usualMs, says }) => [
    `${exitCode === 0 ? "✔" : exitCode === null ? "?" : "✖"} ${code(environment === null ? command : `${command} -e ${environment}`)}`,
    plain(end ?? "has no end"),
    tookMs === null ? "" : took(tookMs),
    usualMs === null ? "" : took(usualMs),
    plain(says ?? ""),
  ]);
  return {
    title: revision === null ? "one run" : `what ${code(shortRevision(revision))} went through`,
    facts: [],
    more: [table(["step", "outcome", "took", "usually", "says"], rows)],
  };
}

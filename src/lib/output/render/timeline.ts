import type { PastEvent, TimelineResult } from "../../ledger/timeline-result.ts";
import { authorText } from "../../ledger/author.ts";
import { shortRevision } from "../../release/revision.ts";
import { commandText } from "../../process/processes.ts";
import { moment } from "../moment.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { resultText } from "./result-text.ts";

/** A line for each thing that somebody decided, newest first, with the reason. */
export const renderTimeline: Render<TimelineResult> = ({ environment, events, next, observedAt }, paint, columns) => {
  if (events.length === 0) return [`nothing has ever happened to ${environment}`];
  const now = Date.parse(observedAt);
  const rows = events.map((event) => [
    paint.dim(moment(event.happenedAt, now)),
    eventText(event),
    event.revision === null ? "" : shortRevision(event.revision),
    paint.dim(authorText({ ...event.by, principal: event.principal })),
    outcome(event, paint),
  ]);
  return [...table(rows, { columns, leave: [3] }), ...next.map((command) => paint.dim(`older: ${command}`))];
};

/** What it was, in a word or two. */
export function eventText({ event, number, gate, service }: PastEvent): string {
  if (event === "exec") return `exec in ${service ?? ""}`;
  if (event === "promotion") return "promoted";
  if (event === "override") return `overrode ${gate ?? ""}`;
  if (event === "approval") return "approved";
  if (event === "rejection") return "rejected";
  if (event === "withdrawal") return "took it back";
  if (event === "freeze") return "froze";
  return event === "lift" ? "lifted the freeze" : `${event} #${number ?? ""}`;
}

function outcome(event: PastEvent, paint: Paint): string {
  const said = saidOf(event);
  return [...(event.result === null ? [] : [resultText(event.result, paint)]), ...(said === "" ? [] : [said])].join(
    ": ",
  );
}

/** What was run, or why it was done; empty where nobody said. */
export function saidOf({ reason, host, command }: PastEvent): string {
  if (command === null) return reason ?? "";
  return `${host ?? ""}: ${commandText({ file: command[0] ?? "", args: command.slice(1) })}`;
}

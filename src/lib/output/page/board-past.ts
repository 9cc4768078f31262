import { authorText } from "../../ledger/author.ts";
import type { PastEvent } from "../../ledger/timeline-result.ts";
import { shortRevision } from "../../release/revision.ts";
import { eventText, saidOf } from "../render/timeline.ts";
import { moment } from "../moment.ts";
import { type Html, html } from "./html.ts";

/** What was decided and done, newest first, along a line. */
export function pastList(environment: string, events: readonly PastEvent[], now: number): Html {
  if (events.length === 0) return html`<p>Nothing has ever happened to it.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What was done in ${environment}">
    <ol class="past">
      ${events.map((event) => pastItem(event, now))}
    </ol>
  </div>`;
}

function pastItem(event: PastEvent, now: number): Html {
  const { happenedAt, revision, result, by, principal } = event;
  const said = saidOf(event);
  return html`<li class="${kindOf(event)}">
    <time datetime="${happenedAt}">${moment(happenedAt, now)}</time>
    <b>${eventText(event)}</b> ${revision === null ? html`` : html`<code>${shortRevision(revision)}</code>`}
    ${result === null ? html`` : html`<span>${result}</span>`}
    <small>${authorText({ ...by, principal })}${said === "" ? "" : `: ${said}`}</small>
  </li>`;
}

function kindOf({ event, result }: PastEvent): string {
  if (result === "succeeded") return event === "rollback" ? "doubted" : "passed";
  if (result === "running" || result === "paused" || result === "superseded") return "doubted";
  return result === null ? "said" : "failed";
}

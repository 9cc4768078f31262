import type {
  BoardCandidate,
  BoardEnvironment,
  BoardHosts,
  CandidateView,
  Unread,
} from "../../actions/board/result.ts";
import type { EnvironmentStatus } from "../../fleet/status-result.ts";
import { authorText } from "../../ledger/author.ts";
import { shortRevision } from "../../release/revision.ts";
import { moment } from "../moment.ts";
import { frozenText, heldTexts, weighedText } from "../standing-words.ts";
import { hostTable } from "./board-hosts.ts";
import { gateList } from "./board-gates.ts";
import { commands } from "./board-next.ts";
import { pastList } from "./board-past.ts";
import { type Html, html } from "./html.ts";

export interface Verdict {
  readonly environment: string;
  /** Decides the colour, which never says anything alone. */
  readonly kind: "passed" | "doubted" | "failed" | "unread";
  readonly says: string;
}

const kinds = { "as-deployed": "passed", "under-way": "doubted", "not-as-deployed": "failed" } as const;
const words = { "as-deployed": "as deployed", "under-way": "being deployed", "not-as-deployed": "not as deployed" };

/** An environment in two words. What could not be read is neither well nor empty. */
export function verdictOf({ environment, hosts }: BoardEnvironment): Verdict {
  if (hosts.unread === null && hosts.value === null) return { environment, kind: "unread", says: "being asked" };
  if (hosts.unread !== null || hosts.value === null) return { environment, kind: "unread", says: "could not be asked" };
  const { outcome, release } = hosts.value;
  const says = release === null && outcome === "as-deployed" ? "nothing was ever deployed" : words[outcome];
  return { environment, kind: kinds[outcome], says };
}

/**
 * All that is known of one. Each part has its place whether there is something in it or not: what comes and goes moves nothing
 * that somebody has opened, or is at. @param now milliseconds since the epoch
 */
export function environmentSection(one: BoardEnvironment, now: number): Html {
  const { environment, hosts, ledger, candidate } = one;
  const { kind, says } = verdictOf(one);
  const parts: readonly Html[] = [
    html`${address(one)}${runs(one, now)}`,
    html`${hosts.value === null ? html`` : notes(hosts.value, now)}${unreadNote("What its hosts run", hosts, now)}`,
    hostsPart(environment, hosts, now),
    candidate === null ? html`` : candidatePart(environment, candidate, now),
    html`<h3>What was done</h3>
      ${unreadNote("The ledger", ledger, now)}`,
    ledger.value === null ? html`` : pastList(environment, ledger.value.events, now),
    logPart(one),
  ];
  return html`<section id="${environment}" aria-labelledby="${environment}-name" tabindex="-1">
    <h2 id="${environment}-name">${environment} <span class="verdict ${kind}">${says}</span> ${seenAt(hosts)}</h2>
    ${parts.map((part) => html`<div>${part}</div>`)}
  </section>`;
}

/** By the clock on the wall, as the terminal has it. */
function seenAt({ readAt }: BoardHosts): Html {
  if (readAt === null) return html``;
  return html`<small>seen at <time datetime="${readAt}">${new Date(readAt).toTimeString().slice(0, 8)}</time></small>`;
}

function address({ url }: BoardEnvironment): Html {
  return url === null ? html`` : html`<p class="where"><a href="${url}">${url}</a></p>`;
}

/**
 * By the hosts' look at the ledger where there is one, which is the newest; a role that may ask no host has the ledger's own word.
 * Where neither can be read, what hosts said last stands beside how old it is, but that nothing runs is not concluded from it.
 */
function runs({ hosts, ledger }: BoardEnvironment, now: number): Html {
  if (hosts.value === null && ledger.value === null)
    return html`<p>${(hosts.unread ?? ledger.unread) === null ? "Reading …" : "What runs is not known."}</p>`;
  const isOfHosts = hosts.value !== null && (hosts.unread === null || ledger.value === null);
  const release = (isOfHosts ? hosts.value?.release : ledger.value?.release) ?? null;
  const isKnown = isOfHosts ? hosts.unread === null : (ledger.value?.events ?? null) !== null;
  if (release === null) return html`<p>${isKnown ? "Nothing was ever deployed to it." : "What runs is not known."}</p>`;
  const { revision, number, kind, startedAt, by } = release;
  return html`<p class="release">
    <strong>${shortRevision(revision)}</strong> by ${kind === "rollback" ? "rollback" : "deployment"} #${number},
    <time datetime="${startedAt}">${moment(startedAt, now)}</time>, ${authorText(by)}
  </p>`;
}

/** What a person should know before they do anything there. */
function notes({ freeze, hold, lease, latest, weighed, problems, next }: EnvironmentStatus, now: number): Html {
  const all = [
    ...(freeze === null ? [] : [frozenText(freeze, now)]),
    ...(hold === null ? [] : [heldTexts(hold, now).join("; ")]),
    ...(lease === null ? [] : [`${authorText(lease.by)} is at work: ${lease.kind} #${lease.number}, ${lease.step}`]),
    ...(latest === null
      ? []
      : [
          `#${latest.number} ${latest.kind} of ${shortRevision(latest.revision)}: ${latest.work?.says ?? latest.result}`,
        ]),
    ...(weighed === null ? [] : [weighedText(weighed, now)]),
  ];
  return html`${
    all.length === 0
      ? html``
      : html`<ul class="notes">
          ${all.map((text) => html`<li>${beginning(text)}</li>`)}
        </ul>`
  }
  ${
    problems.length === 0
      ? html``
      : html`<ul class="problems" aria-label="What is wrong">
          ${problems.map((text) => html`<li>${text}</li>`)}
        </ul>`
  }
  ${commands([...new Set([...(freeze === null ? [] : [freeze.lift]), ...(weighed?.next ? [weighed.next] : []), ...next])])}`;
}

function beginning(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

interface MayBeUnread {
  readonly readAt: string | null;
  readonly unread: Unread | null;
}

/** That something could not be read, why, and of when is what is shown instead. */
function unreadNote(what: string, { readAt, unread }: MayBeUnread, now: number): Html {
  if (unread === null) return html``;
  const instead = readAt === null ? "" : ` What is shown was read ${moment(readAt, now)}.`;
  return html`<div class="unread" role="note">
    <p>${what} could not be read: ${unread.message} <span class="code">${unread.code}</span>.${instead}</p>
    ${unread.advice.map((text) => html`<p>${text}</p>`)} ${commands(unread.next)}
  </div>`;
}

function hostsPart(environment: string, { value }: BoardHosts, now: number): Html {
  if (value === null) return html``;
  if (value.hosts.length === 0) return html`<p>No host of it is registered with SSM.</p>`;
  return hostTable(environment, value.hosts, now);
}

function candidatePart(environment: string, candidate: BoardCandidate, now: number): Html {
  const { from, value } = candidate;
  const note = unreadNote("What comes next", candidate, now);
  if (value === null)
    return html`<h3>Next from ${from}</h3>
      ${note} ${candidate.unread === null ? html`<p>Reading …</p>` : html``}`;
  const what = value.revision === null ? "" : `: ${shortRevision(value.revision)}`;
  return html`<h3>Next from ${from}${what}</h3>
    ${note} ${stateText(candidate.from, value)} ${value.gates === null ? html`` : gateList(environment, value.gates)}`;
}

function stateText(from: string, { state }: CandidateView): Html {
  if (state === "waits") return html``;
  if (state === "nothing") return html`<p>${from} runs nothing that could come next.</p>`;
  return html`<p>${from} runs the same release.</p>`;
}

/** Opened by whoever wants to read it: until then no host is asked for it. */
function logPart({ environment }: BoardEnvironment): Html {
  return html`<details name="log" data-log="${environment}">
    <summary>What its containers say</summary>
    <p class="heard" role="status" data-kept></p>
    <pre class="scroll" role="log" aria-live="off" aria-label="Log of ${environment}" tabindex="0" data-kept></pre>
  </details>`;
}

import { deployableEnvironment } from "../../fleet/hosts.ts";
import type { Approval } from "../../ledger/approvals.ts";
import { type Author, shownAuthor } from "../../ledger/author.ts";
import type { Exec } from "../../ledger/execs.ts";
import { unfold } from "../../ledger/folded.ts";
import type { Freeze } from "../../ledger/freeze.ts";
import type { Deployment, Ledger } from "../../ledger/ledger.ts";
import type { LiftedFreeze } from "../../ledger/past-records.ts";
import type { Promotion } from "../../ledger/promotions.ts";
import { resultOf } from "../../ledger/standing.ts";
import type { PastEvent, TimelineResult } from "../../ledger/timeline-result.ts";
import type { HistoryPorts } from "./run.ts";

export interface TimelineOptions {
  readonly environment: string;
  /** How many events are shown; a page where undefined. */
  readonly limit: number | undefined;
}

export interface TimelinePorts extends HistoryPorts {
  readonly ledger: HistoryPorts["ledger"] &
    Pick<Ledger, "frozen" | "liftedFreezes" | "promotionsTo" | "approvalsTo" | "execs">;
}

const pageLength = 20;

/** Deployments, promotions, overrides, freezes, what lifted them and commands, newest first, each with its reason. Reads only. */
export async function timeline(
  { environment, limit = pageLength }: TimelineOptions,
  { config, ledger }: TimelinePorts,
): Promise<TimelineResult> {
  const { name } = deployableEnvironment(config, environment, (other) => `threads history -e ${other}`);
  const [log, promotions, said, frozen, lifted, execs] = await Promise.all([
    ledger.deploymentLog(name, limit),
    ledger.promotionsTo(name),
    ledger.approvalsTo(name),
    ledger.frozen(name),
    ledger.liftedFreezes(name),
    ledger.execs(name),
  ]);
  const known = [...log.deployments, ...log.folded.map(unfold)];
  const all = [
    ...known.map((one) => deployed(one, known, log.serverTime)),
    ...promotions.flatMap(promoted),
    ...said.map(saying),
    ...(frozen === undefined ? [] : [froze(frozen)]),
    ...lifted.flatMap((one) => [froze(one), thawed(one)]),
    ...execs.map(executed),
  ].toSorted((one, other) => Date.parse(other.happenedAt) - Date.parse(one.happenedAt));
  const events = all.slice(0, limit);
  const isEnd = all.length <= limit && log.unread === 0;
  return {
    outcome: events.length === 0 ? "empty" : "listed",
    environment: name,
    events,
    next: isEnd ? [] : [`threads history -e ${name} --all --limit ${limit * 5}`],
    advice: [],
    observedAt: new Date(log.serverTime).toISOString(),
  };
}

const nothing = {
  number: null,
  revision: null,
  result: null,
  gate: null,
  reason: null,
  host: null,
  service: null,
  command: null,
} as const;

function whose(by: Author): Pick<PastEvent, "principal" | "by"> {
  return { principal: by.principal ?? null, by: shownAuthor(by) };
}

function deployed(deployment: Deployment, known: readonly Deployment[], now: number): PastEvent {
  const { kind, number, revision, by, startedAt, reason } = deployment.intent;
  return {
    ...nothing,
    happenedAt: deployment.recordedAt ?? startedAt,
    event: kind,
    number,
    revision,
    result: resultOf(deployment, now, known),
    reason: reason ?? null,
    ...whose(by),
  };
}

function promoted({ at, by, revision, overrides }: Promotion): PastEvent[] {
  const event = { ...nothing, happenedAt: at, revision, ...whose(by) };
  return [
    ...overrides.map(({ gate, reason }): PastEvent => ({ ...event, event: "override", gate, reason })),
    { ...event, event: "promotion" },
  ];
}

const sayings = { approved: "approval", rejected: "rejection", withdrawn: "withdrawal" } as const;

/** Whoever AWS says has written it, whatever the record says. */
function saying({ at, by, principal, writer, revision, word, comment }: Approval): PastEvent {
  const forged = writer === undefined ? [] : [`in the name of ${principal}, and counts for nothing`];
  const reason = [...(comment === "" ? [] : [comment]), ...forged].join(": ");
  return {
    ...nothing,
    happenedAt: at,
    event: sayings[word],
    revision,
    reason: reason === "" ? null : reason,
    principal: writer ?? principal,
    by: shownAuthor(by),
  };
}

function froze({ since, by, reason }: Freeze): PastEvent {
  return { ...nothing, happenedAt: since, event: "freeze", reason, ...whose(by) };
}

function executed({ at, by, host, service, command }: Exec): PastEvent {
  return { ...nothing, happenedAt: at, event: "exec", host: host.name, service, command, ...whose(by) };
}

function thawed({ liftedAt, liftedBy }: LiftedFreeze): PastEvent {
  return { ...nothing, happenedAt: liftedAt, event: "lift", ...whose(liftedBy) };
}

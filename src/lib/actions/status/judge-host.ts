import type { Config } from "../../config/config.ts";
import { dockerTells, idleServices, judgeServices, type ServiceStatus } from "../../fleet/judge.ts";
import type { Member, Observed } from "../../fleet/target.ts";
import type { Intent } from "../../ledger/ledger.ts";
import type { ShownResult } from "../../ledger/standing.ts";
import { shortRevision } from "../../release/revision.ts";
import type { HostSummary, MadeEnvironment } from "../../script/summary.ts";
import { driftOf } from "./drift.ts";
import type { HostStatus } from "../../fleet/status-result.ts";

/** What a host is judged by. */
export interface Measure {
  readonly runtime: Config["runtime"];
  /** Where hosts answer, by id, as far as that is known. */
  readonly urls: ReadonlyMap<string, string>;
  /** The deployment whose release every host should run. */
  readonly current: Intent | undefined;
  /** From what its environment was made, by the ledger; undefined where that is a file of the hosts', or not on record. */
  readonly environment: MadeEnvironment | undefined;
  /** Later ones that may have reached some hosts, newest first: one is under way, or was left in the middle. */
  readonly others: readonly { readonly intent: Intent; readonly result: ShownResult }[];
}

/** A host beside what the ledger says: pure. */
export function judgeHost({ host, summary, silence }: Observed, measure: Measure): HostStatus {
  const url = measure.urls.get(host.id) ?? null;
  const isLeftOut = measure.current?.leftOut?.includes(host.id) === true;
  const leftOutOf = isLeftOut ? (measure.current?.number ?? null) : null;
  if (summary === undefined)
    return {
      ...notJudged(host, summary),
      url,
      leftOutOf,
      verdict: host.online ? "silent" : "offline",
      says: silence ?? "no answer",
    };
  const { runs, services, says } = judgeAnswer(summary, host.id, measure);
  const unknown = !dockerTells(summary);
  const ok = says === "" && services.every(isWell);
  const isBehind = isLeftOut && summary.current?.bundle !== measure.current?.bundle.digest;
  return {
    ...notJudged(host, summary),
    url,
    leftOutOf: isBehind ? leftOutOf : null,
    verdict: unknown ? "unknown" : ok ? "ok" : "wrong",
    deployment: runs ?? null,
    services,
    says: unknown ? `unknown: ${summary.message || "Docker does not answer"}` : says,
  };
}

/** What a host says of itself; of one that says nothing, what is not known. */
export function notJudged(
  { id, name }: Pick<Member, "id" | "name">,
  summary: HostSummary | undefined,
): Omit<HostStatus, "verdict" | "says"> {
  return {
    id,
    name,
    url: null,
    release: recorded(summary?.current),
    environmentMade: summary?.environment ?? null,
    changedFiles: summary?.changedFiles ?? null,
    environmentChanged: summary?.environmentChanged ?? null,
    deployment: null,
    leftOutOf: null,
    busy: summary?.busy ?? false,
    services: [],
  };
}

/** Whether nothing is wrong with a service. */
export function isWell({ verdict }: ServiceStatus): boolean {
  return verdict === "ok" || verdict === "changing";
}

interface Judged {
  /** Number of the unfinished deployment that it runs or is being switched to. */
  readonly runs?: number;
  readonly services: readonly ServiceStatus[];
  readonly says: string;
}

function judgeAnswer(summary: HostSummary, host: string, { current, environment, others, runtime }: Measure): Judged {
  const by = (intent: Intent | undefined): readonly ServiceStatus[] =>
    judgeServices(summary, { release: intent, absent: idleServices(runtime, host, intent?.hosts ?? []) });
  const underWay = others[0]?.result === "running" ? others[0].intent : undefined;
  if (underWay !== undefined && summary.busy && summary.number === underWay.number)
    return { runs: underWay.number, services: by(underWay).map(inTransit), says: "" };
  const held = others.find(({ intent }) => summary.pauses?.some(({ number }) => number === intent.number));
  // Its services are there twice until a person answers.
  if (held !== undefined) return { runs: held.intent.number, services: by(held.intent).map(inTransit), says: "" };
  const on = others.find(({ intent }) => isOn(summary, intent, current));
  // What one that is dead has left in the middle waits for the one that took it over.
  const waits = underWay !== undefined && others.slice(1).some(({ intent }) => intent.number === summary.number);
  const services = waits ? by(on?.intent ?? current).map(inTransit) : by(on?.intent ?? current);
  if (on === undefined) {
    const says = recordDrift(summary.current, host, current);
    // In the middle of a deployment they may just be changing.
    return { services, says: says === "" && underWay === undefined ? driftOf(summary, current, environment) : says };
  }
  const { number } = on.intent;
  return { runs: number, services, says: underWay === undefined ? left(on) : "" };
}

function left({ intent, result }: Measure["others"][number]): string {
  const end = result === "lost" || result === "superseded" ? "never wrote its end" : `was left ${result}`;
  return `runs ${shortRevision(intent.revision)} of deployment ${intent.number}, which ${end}`;
}

function isOn({ current: record }: HostSummary, { number, bundle }: Intent, current: Intent | undefined): boolean {
  if (record?.bundle !== bundle.digest) return false;
  return bundle.digest !== current?.bundle.digest || record.number === number;
}

/** In the middle of a switch a container may be missing, old, stopped or still starting; what keeps ending is wrong all the same. */
function inTransit(service: ServiceStatus): ServiceStatus {
  const { verdict, state, health } = service;
  const isSick = verdict === "unhealthy" && (state === "restarting" || state === "dead" || health === "unhealthy");
  return verdict === "ok" || isSick ? service : { ...service, verdict: "changing" };
}

function recorded(current: HostSummary["current"]): HostStatus["release"] {
  if (current === undefined) return null;
  const { at, ...release } = current;
  return { ...release, recordedAt: at };
}

function recordDrift(record: HostSummary["current"], host: string, current: Intent | undefined): string {
  if (record?.bundle === current?.bundle.digest) return "";
  const runs = record === undefined ? "nothing was ever deployed here" : undefined;
  if (current?.leftOut?.includes(host) !== true) return runs ?? "has another release on record";
  return `was left out of deployment ${current.number}: ${runs ?? `runs ${shortRevision(record?.revision ?? "")}`}`;
}

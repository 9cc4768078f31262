import type { Config } from "../../config/config.ts";
import { authorText, shownAuthor } from "../../ledger/author.ts";
import type { Freeze } from "../../ledger/freeze.ts";
import type { Intent } from "../../ledger/ledger.ts";
import { resultOf, type Standing } from "../../ledger/standing.ts";
import { hostText, shellOn } from "../../fleet/hosts.ts";
import { dockerTells, idleServices, judgeServices } from "../../fleet/judge.ts";
import type { Observed } from "../../fleet/observe.ts";
import type { HostSummary } from "../../script/summary.ts";
import type { AttemptStatus, EnvironmentStatus, FreezeStatus, HostStatus, ReleaseStatus } from "./result.ts";

export interface Findings {
  readonly environment: string;
  readonly minimum: number;
  readonly runtime: Config["runtime"];
  readonly standing: Standing;
  readonly freeze: Freeze | undefined;
  readonly observed: readonly Observed[];
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
}

/** The ledger's word beside the hosts' own: pure. */
export function reportEnvironment(findings: Findings): EnvironmentStatus {
  const { environment, standing } = findings;
  const hosts = [...findings.observed.map((observed) => judgeHost(observed, findings)), ...goneHosts(findings)];
  const latest = attempt(findings);
  const problems = [...attemptProblems(findings), ...tooFew(findings), ...hosts.flatMap(hostProblems)];
  return {
    environment,
    outcome: problems.length === 0 ? "as-deployed" : "not-as-deployed",
    release: standing.current === undefined ? null : released(standing.current),
    latest,
    freeze: frozen(findings),
    hosts,
    problems,
    next: problems.length === 0 ? [] : nextCommands(findings),
    advice: [],
  };
}

function frozen({ environment, freeze }: Findings): FreezeStatus | null {
  if (freeze === undefined) return null;
  const { reason, by, since } = freeze;
  return { reason, by: shownAuthor(by), frozenAt: since, lift: `threads freeze -e ${environment} --lift` };
}

function judgeHost({ host, summary, silence }: Observed, { standing, runtime }: Findings): HostStatus {
  const known = { id: host.id, name: host.name };
  if (summary === undefined)
    return {
      ...known,
      verdict: host.online ? "silent" : "offline",
      release: null,
      busy: false,
      services: [],
      says: silence ?? "no answer",
    };
  const judged = judgeServices(summary, {
    release: standing.current,
    absent: idleServices(runtime, host.id, standing.current?.hosts ?? []),
  });
  const says = dockerTells(summary)
    ? recordDrift(summary.current?.bundle, standing.current)
    : "unknown: Docker does not answer";
  const ok = says === "" && judged.every((service) => service.verdict === "ok");
  return {
    ...known,
    verdict: ok ? "ok" : "wrong",
    release: recorded(summary.current),
    busy: summary.busy,
    services: judged,
    says,
  };
}

function recorded(current: HostSummary["current"]): HostStatus["release"] {
  if (current === undefined) return null;
  const { at, ...release } = current;
  return { ...release, recordedAt: at };
}

function recordDrift(bundle: string | undefined, current: Intent | undefined): string {
  if (bundle === current?.bundle.digest) return "";
  if (bundle === undefined) return "nothing was ever deployed here";
  return "has another release on record";
}

/** Hosts that were deployed to and have disappeared from SSM. */
function goneHosts({ standing, observed }: Findings): HostStatus[] {
  return (standing.current?.hosts ?? [])
    .filter((id) => observed.every(({ host }) => host.id !== id))
    .map((id) => ({
      id,
      name: id,
      verdict: "gone",
      release: null,
      busy: false,
      services: [],
      says: "no longer registered with SSM",
    }));
}

function hostProblems(host: HostStatus): string[] {
  const name = hostText(host);
  const said = host.says === "" ? [] : [`${name}: ${host.says}`];
  return [
    ...said,
    ...host.services
      .filter((service) => service.verdict !== "ok")
      .map((service) => `${name}: ${service.service} ${service.says}`),
  ];
}

function attempt({ standing, now }: Findings): AttemptStatus | null {
  const { latest, current } = standing;
  if (latest === undefined || latest.intent.number === current?.number) return null;
  const { number, kind, revision, by, startedAt } = latest.intent;
  return { number, kind, revision, result: resultOf(latest, now), by: shownAuthor(by), startedAt };
}

/** One that failed harmlessly afterwards has put nothing right: the hosts still differ by the one before it. */
function attemptProblems({ standing: { unsettled }, now }: Findings): string[] {
  if (unsettled === undefined) return [];
  const { number, by, startedAt } = unsettled.intent;
  const result = resultOf(unsettled, now);
  const what = `deployment ${number} by ${authorText(by)}`;
  if (result === "running") return [`${what} is under way since ${startedAt}`];
  return [result === "lost" ? `${what} never wrote its end` : `${what} was left ${result}`];
}

function tooFew({ observed, minimum, standing }: Findings): string[] {
  // An environment that nobody has deployed to may still be without its machines.
  if (observed.length >= minimum || standing.latest === undefined) return [];
  return [`${observed.length} of at least ${minimum} hosts are registered with SSM`];
}

/** What may be typed now: what deploy and rollback would refuse is not advised. */
function nextCommands({ environment, standing, freeze, observed }: Findings): string[] {
  const { current, previous, unsettled, underWay } = standing;
  const dumb = observed.filter(({ summary }) => summary !== undefined && !dockerTells(summary));
  if (dumb.length > 0) return dumb.map(({ host }) => shellOn(host));
  // Looking again is right as long as somebody is at work.
  if (underWay !== undefined || observed.some(({ summary }) => summary?.busy === true))
    return [`threads status -e ${environment}`];
  // A first deployment that was left in the middle has nothing below it: it is gone on with.
  const wanted = current ?? unsettled?.intent;
  const force = current === undefined ? "" : " --force";
  const repair = wanted === undefined ? [] : [`threads deploy -e ${environment} ${wanted.revision}${force}`];
  const thaw = freeze === undefined || wanted === undefined ? [] : [`threads freeze -e ${environment} --lift`];
  const back = current !== undefined && (previous !== undefined || unsettled !== undefined);
  return [...thaw, ...repair, ...(back ? [`threads rollback -e ${environment}`] : [])];
}

function released({ number, kind, revision, bundle, by, startedAt }: Intent): ReleaseStatus {
  return { number, kind, revision, bundle: bundle.digest, by: shownAuthor(by), startedAt };
}

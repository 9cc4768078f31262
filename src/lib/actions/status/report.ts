import type { Config } from "../../config/config.ts";
import { hostText, isApplication, shellOn } from "../../fleet/hosts.ts";
import { dockerTells } from "../../fleet/judge.ts";
import type { Observed } from "../../fleet/target.ts";
import { type SignOfLife, signOfLife } from "../../fleet/sign-of-life.ts";
import { authorText, shownAuthor } from "../../ledger/author.ts";
import type { Freeze } from "../../ledger/freeze.ts";
import { type Lease, shownLease } from "../../ledger/lease.ts";
import { liftFlag } from "../../ledger/hold.ts";
import type { Intent } from "../../ledger/ledger.ts";
import { resultOf, type ShownResult, type Standing } from "../../ledger/standing.ts";
import { are, list } from "../../text/words.ts";
import type { MadeEnvironment } from "../../script/summary.ts";
import { pausedStatus, pauseProblems } from "./paused.ts";
import { weighedProblems, weighedStatus } from "./weighed.ts";
import { isWell, judgeHost, notJudged } from "./judge-host.ts";
import { twiceOver } from "./twice.ts";
import type {
  AttemptStatus,
  EnvironmentStatus,
  FreezeStatus,
  HoldStatus,
  HostStatus,
  ReleaseStatus,
} from "../../fleet/status-result.ts";

export interface Findings {
  readonly environment: string;
  readonly minimum: number;
  readonly runtime: Config["runtime"];
  /** Where hosts answer, by id, as far as that is known. */
  readonly urls: ReadonlyMap<string, string>;
  readonly standing: Standing;
  readonly freeze: Freeze | undefined;
  /** Undefined where nobody holds it, or it could not be read. */
  readonly lease: Lease | undefined;
  readonly observed: readonly Observed[];
  /** Hosts of an earlier fleet, as far as they can be asked. */
  readonly strays: readonly Observed[];
  /** Those of them that run the application all the same. */
  readonly stragglers: readonly HostStatus[];
  /** From what the environment of the current release was made, by the ledger. */
  readonly recordedEnvironment: MadeEnvironment | undefined;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
}

/** What follows from the findings at once. */
interface Known extends Findings {
  /** The result of `standing.unsettled`. */
  readonly left: ShownResult | undefined;
  /** Of the deployment under way. */
  readonly life: SignOfLife | undefined;
}

/** The ledger's word beside the hosts' own: pure. */
export function reportEnvironment(findings: Findings): EnvironmentStatus {
  const { environment, standing, lease, observed, now } = findings;
  const { current, unsettled, unsettledBefore, underWay, latest } = standing;
  const later = [...(latest === undefined ? [] : [latest]), ...(unsettled === undefined ? [] : [unsettled])];
  const others = [...(unsettled === undefined ? [] : [unsettled]), ...unsettledBefore].map((one) => ({
    intent: one.intent,
    result: resultOf(one, now, [...later, ...unsettledBefore]),
  }));
  const left = others[0]?.result;
  const life =
    underWay === undefined || latest === undefined ? undefined : signOfLife(latest, { observed, lease, now });
  const known = { ...findings, left, life };
  const weighed = weighedStatus(findings) ?? pausedStatus(known);
  const { runtime, urls, recordedEnvironment } = findings;
  const measure = { runtime, urls, current, environment: recordedEnvironment, others };
  const hosts = [...observed.map((one) => judgeHost(one, measure)), ...goneHosts(findings), ...findings.stragglers];
  const isPaused = left === "paused";
  const twice = doneTwice(findings);
  const problems = [
    ...attemptProblems(known),
    ...weighedProblems(findings),
    ...pauseProblems(findings),
    ...tooFew(findings),
    ...hosts.flatMap(hostProblems),
    ...twice,
  ];
  return {
    environment,
    outcome:
      problems.length > 0 ? "not-as-deployed" : underWay === undefined && !isPaused ? "as-deployed" : "under-way",
    release: current === undefined ? null : released(current),
    latest: attempt(known),
    freeze: frozen(findings),
    hold: held(findings),
    lease: lease === undefined ? null : shownLease(lease),
    weighed,
    hosts,
    problems,
    next:
      problems.length === 0
        ? []
        : [...(weighed?.next ? [weighed.next] : nextCommands(known, problems.length - twice.length))],
    advice: problems.length === 0 ? [] : adviceOn(known),
  };
}

function frozen({ environment, freeze }: Findings): FreezeStatus | null {
  if (freeze === undefined) return null;
  const { reason, by, since } = freeze;
  return { reason, by: shownAuthor(by), frozenAt: since, lift: `threads freeze -e ${environment} --lift` };
}

function held({ environment, standing: { hold } }: Findings): HoldStatus | null {
  if (hold === undefined) return null;
  const { number, by, revision, reason = null } = hold.rollback;
  const lift = `threads deploy -e ${environment} ${revision} --force --lift-hold ${number}`;
  const { isComplete: complete } = hold;
  return {
    number,
    complete,
    by: shownAuthor(by),
    heldAt: hold.since,
    from: hold.from ?? null,
    on: revision,
    reason,
    lift,
  };
}

/** Hosts that were deployed to and have disappeared from SSM. */
function goneHosts({ standing, observed, stragglers }: Findings): HostStatus[] {
  const seen = new Set([...observed.map(({ host }) => host.id), ...stragglers.map(({ id }) => id)]);
  return (standing.current?.hosts ?? [])
    .filter((id) => !seen.has(id))
    .map((id) => ({
      ...notJudged({ id, name: id }, undefined),
      verdict: "gone",
      says: isApplication({ id })
        ? "threads.yml names another cluster now, or another name of the application"
        : "no longer registered with SSM, or without the tag",
    }));
}

function hostProblems(host: HostStatus): string[] {
  const name = hostText(host);
  const isUnseen = host.verdict === "offline" || host.verdict === "silent";
  const said = host.says === "" ? [] : [`${name}: ${isUnseen ? "what runs there is unknown: " : ""}${host.says}`];
  return [
    ...said,
    ...host.services
      // Of a host that runs another release by somebody's decision only what is unwell is news.
      .filter((service) => (host.leftOutOf === null ? !isWell(service) : service.verdict === "unhealthy"))
      .map((service) => `${name}: ${service.service} ${service.says}`),
  ];
}

function attempt({ standing, now, life }: Known): AttemptStatus | null {
  const { latest, current } = standing;
  if (latest === undefined || latest.intent.number === current?.number) return null;
  const { number, kind, revision, by, startedAt } = latest.intent;
  return {
    number,
    kind,
    revision,
    result: resultOf(latest, now),
    by: shownAuthor(by),
    startedAt,
    work: life === undefined ? null : { state: life.state, quietMs: life.quietMs, says: life.says },
  };
}

/** One that failed harmlessly afterwards has put nothing right: the hosts still differ by the one before it. */
function attemptProblems({ standing: { unsettled }, left, life }: Known): string[] {
  if (unsettled === undefined || left === "paused") return [];
  const { number, by } = unsettled.intent;
  const what = `deployment ${number} by ${authorText(by)}`;
  if (left === "running") return life?.state === "dead" ? [`${what} never ended, and ${life.says}`] : [];
  return [left === "lost" || left === "superseded" ? `${what} never wrote its end` : `${what} was left ${left ?? ""}`];
}

/** In the middle of a deployment they are handed over. */
function doneTwice({ standing, runtime, observed, strays }: Findings): string[] {
  return standing.underWay === undefined ? twiceOver(runtime.singletons, [...observed, ...strays]) : [];
}

function tooFew({ observed, minimum, standing }: Findings): string[] {
  // An environment that nobody has deployed to may still be without its machines.
  if (observed.length >= minimum || standing.latest === undefined) return [];
  return [`${observed.length} of at least ${minimum} hosts are registered with SSM`];
}

/** What may be typed now: what deploy and rollback would refuse is not advised, nor what was just typed. */
function nextCommands(
  { environment, standing, freeze, observed, stragglers, life }: Known,
  problems: number,
): string[] {
  const { current, previous, unsettled, underWay, hold } = standing;
  // No deployment reaches those, nor what runs once too often on them.
  if (problems === stragglers.length) return stragglers.map(shellOn);
  const dumb = observed.filter(({ host, summary }) => host.online && (summary === undefined || !dockerTells(summary)));
  if (dumb.length > 0) return dumb.map(({ host }) => shellOn(host));
  if (observed.some(({ host }) => !host.online) || observed.some(({ summary }) => summary?.busy === true)) return [];
  if (underWay !== undefined && life?.state !== "dead") return [];
  const open = underWay ?? unsettled?.intent;
  const isBack = open?.kind === "rollback";
  // A first deployment that was left in the middle has nothing below it: it is gone on with.
  const wanted = isBack ? current : (underWay ?? current ?? unsettled?.intent);
  const over = underWay === undefined ? "" : ` --supersede ${underWay.number}`;
  const force = current === undefined || underWay !== undefined ? "" : " --force";
  const lift = wanted === undefined ? "" : liftFlag(hold, wanted.bundle.digest);
  // What was left out is brought along, whatever is frozen, and the others stay as they are.
  const isBehind = current?.leftOut !== undefined && unsettled === undefined && underWay === undefined;
  const repair = isBehind
    ? [`threads converge -e ${environment}`]
    : wanted === undefined
      ? []
      : [`threads deploy -e ${environment} ${wanted.revision}${force}${lift}${over}`];
  const thaw =
    freeze === undefined || wanted === undefined || isBehind ? [] : [`threads freeze -e ${environment} --lift`];
  // Without a name it would go to what the one that ended half-way has left.
  if (isBack) return [`threads rollback -e ${environment} ${open.revision}${over}`, ...thaw, ...repair];
  const back = current !== undefined && (previous !== undefined || unsettled !== undefined);
  return [...thaw, ...repair, ...(back ? [`threads rollback -e ${environment}${over}`] : [])];
}

function adviceOn({ observed, stragglers, standing: { underWay }, life }: Known): string[] {
  const offline = observed.filter(({ host }) => !host.online).map(({ host }) => hostText(host));
  const isOnEcs = observed.some(({ host }) => isApplication(host));
  const start = isOnEcs
    ? "make that cluster, or name one that is there (ecs.cluster)"
    : `start ${list(offline)} or the SSM agent there, or take the environment's tag off what ${are(offline.length)} gone for good`;
  const stop = `give ${list(stragglers.map(hostText))} the tag of the environment again, or stop the application there`;
  const wait = `deployment ${underWay?.number ?? ""} is under way: look again once it has ended`;
  return [
    ...(offline.length === 0 ? [] : [start]),
    ...(stragglers.length === 0 ? [] : [stop]),
    ...(underWay === undefined || life?.state === "dead" ? [] : [wait]),
  ];
}

function released({ number, kind, revision, bundle, by, startedAt }: Intent): ReleaseStatus {
  return { number, kind, revision, bundle: bundle.digest, by: shownAuthor(by), startedAt };
}

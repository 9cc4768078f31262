import type { EnvironmentConfig } from "../config/config.ts";
import { once } from "../aws/once.ts";
import { unlessAborted } from "../clock/unless-aborted.ts";
import { environmentChange } from "../ledger/environment-change.ts";
import type { DeploymentLog } from "../ledger/ledger.ts";
import { type Standing, standing } from "../ledger/standing.ts";
import type { MadeEnvironment } from "../script/summary.ts";
import { type Step, step } from "../progress/progress.ts";
import { both } from "../progress/both.ts";
import { withDifference } from "./difference.ts";
import type { Lineage } from "../source/lineage.ts";
import { hostText } from "./hosts.ts";
import type { Seen } from "./leave-out.ts";
import type { Observed } from "./target.ts";
import { type FoundHosts, type LeftOut, leftOutText } from "./out-of-reach.ts";
import type { RolloutPlan } from "./rollout-plan.ts";
import { are, list } from "../text/words.ts";
import { requireFree } from "./require-free.ts";
import type { CameHost, Ending, RolloutHost, RolloutResult } from "./result.ts";
import type { FleetPorts } from "./ports.ts";
import { rollOut } from "./rollout.ts";
import { compareTimings } from "./timings.ts";

/** What the ledger says, before anything is asked of a host. */
export interface LedgerFound {
  readonly standing: Standing;
  readonly log: DeploymentLog;
}

export interface Survey<T> {
  readonly standing: Standing;
  readonly log: DeploymentLog;
  readonly observed: readonly Observed[];
  /** The unfinished deployment that is taken over. */
  readonly supersede: number | undefined;
  /** Hosts that were named to be left out. */
  readonly leftOut: readonly LeftOut[];
  readonly decided: T;
}

/** The first step of a rollout, in which nothing is changed: whoever presses Ctrl-C in it waits for nothing. */
export function lookAt<T>(
  { name }: EnvironmentConfig,
  { progress, signal }: Pick<FleetPorts, "progress" | "signal">,
  look: (step: Step) => Promise<T>,
  title = `Look at ${name}`,
): Promise<T> {
  return step(progress, title, (own) => unlessAborted(signal, () => look(own)));
}

/**
 * The ledger and the hosts, both asked before anything is changed; somebody else's deployment is found first. The account
 * is checked beside the first questions, and nothing is sent to a host before it is known to be the right one.
 */
export async function survey<T>(
  wanted: {
    readonly environment: EnvironmentConfig;
    readonly supersede: number | undefined;
    /** What follows from the ledger's word, asked while the hosts are; its refusal is told first. */
    readonly decide: (found: LedgerFound) => Promise<T>;
    /** The command without flags, as it is typed again. */
    readonly typed: string;
    /** The environment's hosts, as far as they have to be ready. */
    readonly find: (environment: EnvironmentConfig, target: Seen) => Promise<FoundHosts>;
  },
  ports: Pick<FleetPorts, "ledger" | "targetOf" | "signal" | "checkAccount" | "progress">,
): Promise<Survey<T>> {
  const { ledger, signal, checkAccount, progress } = ports;
  const { environment, typed, find } = wanted;
  const target = await ports.targetOf(environment);
  const [log, lease, { hosts, leftOut }] = await both(checkAccount, () =>
    Promise.all([
      ledger.deploymentLog(environment.name),
      // Whoever cannot read it is told when it is taken.
      ledger.lease(environment.name).catch(() => undefined),
      find(environment, target),
    ]),
  );
  const { serverTime } = log;
  const now = standing(log.deployments, serverTime);
  const look = once(() => target.look(hosts, signal));
  const { supersede: named } = wanted;
  const free = { environment, supersede: named, typed, standing: now, lease, now: serverTime, progress };
  const supersede = await requireFree(free, look);
  const deciding = wanted.decide({ standing: now, log });
  const askAll = (): Promise<readonly Observed[]> => target.ready().then(look);
  const observed = await both(() => deciding, askAll);
  return { standing: now, log, observed, supersede, leftOut, decided: await deciding };
}

/** Walks the plan and puts its success into a result. @throws what rollOut throws, with what the release has changed */
export async function carryOut(
  plan: RolloutPlan,
  began: number,
  ports: FleetPorts & { readonly lineage: Pick<Lineage, "between"> },
): Promise<RolloutResult> {
  tellGap(plan, ports.progress);
  for (const host of plan.leftOut) ports.progress.warn(leftOutText(host));
  const ending = await rollOut(plan, ports).catch(async (error: unknown) => {
    throw await withDifference(error, plan, ports.lineage);
  });
  const tookMs = ports.clock.now() - began;
  return report({ plan, outcome: "deployed", tookMs, ending, urls: ports.urls });
}

/** Between one way of running an application and the other lies a time without it: nobody may be surprised by that. */
function tellGap({ hosts }: RolloutPlan, progress: Pick<FleetPorts["progress"], "warn">): void {
  for (const what of ["project", "slots"] as const) {
    const those = hosts.filter(({ makesRoom }) => makesRoom === what);
    if (those.length === 0) continue;
    const run = those.length === 1 ? "runs" : "run";
    progress.warn(`${list(those.map(hostText))} ${run} the application in ${gaps[what]}`);
  }
}

const gaps = {
  project: "one project: nobody is answered there until its first slot serves",
  slots: "slots, which this release does not: nobody is answered there until it is up",
} as const;

/** The result of a plan, carried out or not. */
export function report(facts: {
  readonly plan: RolloutPlan;
  readonly outcome: RolloutResult["outcome"];
  readonly tookMs: number;
  readonly urls?: FleetPorts["urls"];
  readonly ending?: Ending;
  /** With which environment a release would come back, as far as it is known. */
  readonly environment?: MadeEnvironment | undefined;
}): RolloutResult {
  const { plan, outcome, tookMs, ending, urls } = facts;
  const { revision, tree, bundle, images } = plan.release;
  const environment = ending?.environment ?? facts.environment;
  const state = outcome === "already-running" ? "new" : "untouched";
  return {
    outcome,
    kind: plan.kind,
    environment: plan.environment.name,
    number: outcome === "deployed" ? plan.number : null,
    release: {
      revision,
      tree,
      bundle: bundle.digest,
      images: Object.fromEntries(Object.entries(images).map(([service, pin]) => [service, pin.digest])),
    },
    hosts: shownHosts(plan, { ending, state, urls }),
    leftOut: plan.leftOut,
    rounds: plan.rounds.map((round) => round.map(({ id }) => id)),
    observeMs: plan.observeMs,
    weights: plan.weights?.steps ?? null,
    weighed: ending?.weighed ?? [],
    continues: plan.continues === undefined ? null : { step: plan.continues.step, pauses: plan.continues.pauses },
    noReturn: plan.noReturn,
    steps: plan.steps,
    ships: null,
    rollbackOf: plan.rollbackOf ?? null,
    holds: plan.kind === "rollback",
    liftsHold: plan.liftsHold ?? null,
    staying: plan.staying,
    migrations: plan.migrations ?? null,
    environmentMade: environment ?? null,
    environmentSince: environmentSince(plan, environment),
    github: ending?.github ?? null,
    undo: outcome === "deployed" ? (plan.undo ?? null) : null,
    tookMs,
    timings: compareTimings(ending?.timings ?? {}, plan.usual),
    next: nextAfter(outcome, plan),
    advice: [...(plan.leftOut.length === 0 ? [] : [afterwards(plan)]), ...cameAdvice(plan, ending?.came ?? [])],
  };
}

interface Shown {
  readonly ending: Ending | undefined;
  /** Of hosts whose end is not known. */
  readonly state: RolloutHost["state"];
  readonly urls: FleetPorts["urls"];
}

/** Those of the plan, and those that came meanwhile and run the release. */
function shownHosts(plan: RolloutPlan, { ending, state, urls }: Shown): readonly RolloutHost[] {
  const ended = new Map(ending?.hosts.map((host) => [host.id, host]));
  const came = (ending?.came ?? []).filter(({ says }) => says === "");
  const all = [...plan.hosts, ...came.map(({ id, name }) => ({ id, name, before: undefined }))];
  return all.map(({ id, name, before = null }) => ({
    id,
    name,
    url: urls?.get(id) ?? null,
    before,
    state: ended.get(id)?.state ?? state,
    traffic: ended.get(id)?.traffic ?? null,
    tasks: ended.get(id)?.tasks ?? null,
  }));
}

/** From the earlier release to the later one: which of them runs is the other way round after a rollback. */
function environmentSince(
  { kind, hosts: [first] }: RolloutPlan,
  environment: MadeEnvironment | undefined,
): RolloutResult["environmentSince"] {
  const change =
    kind === "deploy"
      ? environmentChange(first?.environment, environment)
      : environmentChange(environment, first?.environment);
  return change ?? null;
}

/** What is due to hosts that were left out: nothing but to be brought to what the others run. */
function afterwards(plan: RolloutPlan): string {
  const { environment, leftOut } = plan;
  const names = list(leftOut.map(hostText));
  const them = leftOut.length === 1 ? "it is" : "they are";
  const twice =
    plan.twice.length === 0
      ? ""
      : `; as long as it is at work, ${list(plan.twice)} ${are(plan.twice.length)} there, too`;
  return `${names} ${leftOut.length === 1 ? "runs" : "run"} what was there before${twice}; once ${them} back: threads converge -e ${environment.name}`;
}

/** A host that came meanwhile and has not come up: the environment runs the release, and it does not. */
function cameAdvice({ environment }: RolloutPlan, came: readonly CameHost[]): string[] {
  return came
    .filter(({ says }) => says !== "")
    .map(
      (host) =>
        `${hostText(host)} came meanwhile and ${host.says}; to bring it along: threads converge -e ${environment.name} --host ${host.id}`,
    );
}

/** Where it goes from here; how a plan is carried out, or done again although it runs already: with the flags without which that would be refused. */
function nextAfter(outcome: RolloutResult["outcome"], plan: RolloutPlan): readonly string[] {
  if (outcome === "deployed") return plan.onwards;
  // What a rollback would bring runs everywhere: nothing is left to type.
  if (plan.running && !plan.bringsNew) return [];
  const { supersedes } = plan;
  const takeOver = supersedes === undefined ? "" : ` --supersede ${supersedes}`;
  return [`${plan.again}${plan.running ? " --force" : ""}${takeOver}`];
}

import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { RecordedRelease } from "../ledger/ledger.ts";
import { contractsIn } from "../release/migrations.ts";
import type { HostSummary } from "../script/summary.ts";
import { idleServices, runsRelease, unwellOn } from "./judge.ts";
import type { Observed } from "./target.ts";
import { onwards } from "./onwards.ts";
import { byReach } from "./out-of-reach.ts";
import { requireReady } from "./require-ready.ts";
import type { Intention, PlannedHost, RolloutPlan } from "./rollout-plan.ts";
import { chainOf, knownPauses } from "./paused-steps.ts";
import { paceOf, roundsOf } from "./rounds.ts";
import { stepsOf } from "./steps.ts";
import { usualTimings } from "./timings.ts";
import { weightsOf } from "./weights-fit.ts";

/** @throws ThreadsError HOST_SILENT, HOST_NOT_READY (refused), HOST_BUSY (conflict) */
export function planRollout(wanted: Intention, config: Config): RolloutPlan {
  const { kind, environment, release, standing } = wanted;
  const { reached, leftOut } = byReach(wanted.observed);
  const isGoingOn = kind === "rollback" && reached.length > 0;
  const intention = isGoingOn ? { ...wanted, observed: reached } : wanted;
  requireReady(intention);
  const without = [...(wanted.leftOut ?? []), ...(isGoingOn ? leftOut : [])];
  const hosts = inOrder(intention, config);
  const bringsNew = kind === "deploy" && intention.converges !== true;
  const before = begunBefore(intention, bringsNew);
  const runs = bringsNew ? config.runtime.migrate : undefined;
  // What waits at a pause has migrated before.
  const migrate = before.continues === undefined ? runs : undefined;
  const noReturn = runs === undefined ? [] : contractsIn(intention.migrations?.added ?? []);
  const { rounds, observeMs, steps } = paced(intention, hosts, bringsNew);
  const weights = weightsOf({ steps, intention, hosts, noReturn }, config);
  const number = nextNumber(intention);
  const told = { kind, release, mayPull: intention.mayPull, singletons: config.runtime.singletons };
  const isOnEcs = environment.ecs !== undefined;
  return {
    kind,
    environment,
    number,
    release,
    hosts,
    leftOut: without,
    twice: without.some(({ id }) => id === standing.current?.hosts[0]) ? config.runtime.singletons : [],
    rounds,
    observeMs,
    weights,
    noReturn,
    bringsNew,
    migrate,
    rollbackOf: intention.rollbackOf,
    ...before,
    supersedes: standing.underWay === undefined ? undefined : intention.supersede,
    liftsHold: intention.liftsHold,
    staying: intention.staying ?? [],
    migrations: intention.migrations,
    again: intention.again,
    finish:
      intention.finish ?? (weights === undefined ? intention.again : `threads deploy -e ${environment.name} --resume`),
    current: standing.current,
    usual: usualTimings(intention.log.deployments, kind),
    reason: reasonText(intention.reason),
    running: isRunning(intention, hosts, config),
    undo: undoCommand(intention, number),
    // What is not on every host yet goes nowhere else.
    onwards: bringsNew && without.length === 0 ? onwards(environment, release.revision, config) : [],
    steps: stepsOf({ ...told, hosts, migrate, observeMs, weights, noReturn, isOnEcs, continues: before.continues }),
  };
}

/** Whoever left the environment half-way may have migrated it; who took all of it back may have restored its database since. */
function begunBefore(
  { standing, release, continues }: Intention,
  bringsNew: boolean,
): Pick<RolloutPlan, "goesOnWith" | "knownPauses" | "continues"> {
  const chain = bringsNew ? chainOf(standing, release.bundle.digest) : [];
  return { goesOnWith: chain.map(({ intent }) => intent.number), knownPauses: knownPauses(chain), continues };
}

/** @throws ThreadsError PACE_UNFIT (usage) */
function paced(
  { kind, environment, pace: typed = {}, again }: Intention,
  hosts: readonly PlannedHost[],
  bringsNew: boolean,
): Pick<RolloutPlan, "rounds" | "observeMs"> & { readonly steps: readonly number[] | undefined } {
  const without = again.replaceAll(/ --(?:batch|max-unavailable|observe|weights) \S+/g, "");
  const pace = paceOf({ environment, typed, hosts: hosts.length, again: without });
  // What has run there before is not watched again.
  const [observeMs, steps] = bringsNew ? [pace.observeMs, pace.weights] : [0, undefined];
  return { rounds: roundsOf(kind, hosts, pace), observeMs, steps };
}

/** Room that a record has for it beside the names of many hosts. */
const longestReason = 500;

function reasonText(reason: string | undefined): string | undefined {
  const text = reason?.trim() ?? "";
  if (text === "") return undefined;
  if (text.length <= longestReason) return text;
  throw new ThreadsError("REASON_TOO_LONG", {
    message: `the reason has ${text.length} characters, and a record takes ${longestReason}`,
    advice: ["say it shorter, or give the address of a page that says it"],
  });
}

/** What a host reports above this is no number of a deployment. */
const highestNumber = 999_999;

/** Above all that the ledger and the hosts have seen: where the ledger was lost, the hosts go on refusing what is lower. */
function nextNumber({ standing, observed }: Intention): number {
  const seen = observed
    .map(({ summary }) => summary?.number ?? 0)
    .filter((number) => Number.isInteger(number) && number < highestNumber);
  return Math.max(standing.latest?.intent.number ?? 0, ...seen) + 1;
}

function undoCommand(intention: Intention, number: number): string | undefined {
  const { kind, environment, release, standing, migrations, left } = intention;
  const { current } = standing;
  const isOther = (bundle: RecordedRelease["bundle"]): boolean => bundle.digest !== release.bundle.digest;
  if (kind === "rollback") {
    if (left === undefined || !isOther(left.bundle)) return undefined;
    // It is held by then.
    const flags = ` --lift-hold ${number}${left.isOlder ? " --allow-older" : ""}`;
    return `threads deploy -e ${environment.name} ${left.revision}${flags}`;
  }
  // It has changed nothing of what the environment runs; or a rollback would be refused.
  if (intention.converges === true) return undefined;
  if (contractsIn(migrations?.added ?? []).length > 0) return undefined;
  // The same release once more: what a rollback goes to lies one further back.
  return current !== undefined && isOther(current.bundle) ? `threads rollback -e ${environment.name}` : undefined;
}

/** The host that migrates and runs the singletons stays the same one: a moving beat would tick twice. */
function inOrder(intention: Intention, config: Config): readonly PlannedHost[] {
  const { environment, observed, standing, release, onlyOthers = false } = intention;
  const leader = standing.current?.hosts[0];
  const all = [
    ...observed.filter(({ host }) => host.id === leader),
    ...observed.filter(({ host }) => host.id !== leader),
  ];
  const ids = all.map(({ host }) => host.id);
  const roomOn = ({ summary }: Observed): PlannedHost["makesRoom"] =>
    // ECS has no slots: each service changes its tasks one by one.
    environment.ecs === undefined ? whatMakesRoom(summary?.current, release) : undefined;
  return all.map((one) => ({
    id: one.host.id,
    name: one.host.name,
    before: one.summary?.current?.revision,
    slot: one.summary?.current?.slot ?? undefined,
    weighed: one.summary?.weighed,
    stays: onlyOthers && runsIt(one, { release, ids }, config),
    makesRoom: roomOn(one),
    hasGap: environment.ecs === undefined && (release.edge === undefined || roomOn(one) !== undefined),
    environment: one.summary?.environment,
    unwell: unwellOn(one.summary, idleServices(config.runtime, one.host.id, ids)),
    strangers: strangersOn(one.summary, release),
  }));
}

function runsIt(
  { host, summary }: Observed,
  { release, ids }: { readonly release: RecordedRelease; readonly ids: readonly string[] },
  { runtime }: Config,
): boolean {
  return summary !== undefined && runsRelease(summary, { release, absent: idleServices(runtime, host.id, ids) });
}

function whatMakesRoom(current: HostSummary["current"], { edge }: RecordedRelease): PlannedHost["makesRoom"] {
  if (current === undefined || (edge === undefined) === (current.slot === null)) return undefined;
  return edge === undefined ? "slots" : "project";
}

function strangersOn(summary: HostSummary | undefined, release: RecordedRelease): readonly string[] {
  // A host that has something on record, but no list of its services, cannot tell what is foreign.
  if (summary?.current !== undefined && summary.services === undefined) return [];
  const known = new Set([...(summary?.services ?? []), ...Object.keys(release.images)]);
  return (summary?.containers ?? [])
    .filter(({ service, oneoff }) => !oneoff && !known.has(service))
    .map(({ name }) => name);
}

function isRunning({ release, standing, observed }: Intention, hosts: readonly PlannedHost[], config: Config): boolean {
  if (standing.current?.bundle.digest !== release.bundle.digest || standing.unsettled !== undefined) return false;
  const ids = hosts.map((host) => host.id);
  return observed.every((one) => runsIt(one, { release, ids }, config));
}

import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { RecordedRelease } from "../ledger/ledger.ts";
import { contractsIn } from "../release/migrations.ts";
import type { HostSummary } from "../script/summary.ts";
import { idleServices, runsRelease } from "./judge.ts";
import { byReach } from "./out-of-reach.ts";
import { requireReady } from "./require-ready.ts";
import type { Intention, PlannedHost, RolloutPlan } from "./rollout-plan.ts";
import { stepsOf } from "./steps.ts";
import { usualTimings } from "./timings.ts";

/** @throws ThreadsError HOST_SILENT, HOST_NOT_READY (refused), HOST_BUSY (conflict) */
export function planRollout(wanted: Intention, config: Config): RolloutPlan {
  const { kind, environment, release, standing } = wanted;
  const { reached, leftOut } = byReach(wanted.observed);
  const isGoingOn = kind === "rollback" && reached.length > 0;
  const intention = isGoingOn ? { ...wanted, observed: reached } : wanted;
  requireReady(intention);
  const hosts = inOrder(intention);
  const migrate = kind === "deploy" ? config.runtime.migrate : undefined;
  return {
    kind,
    environment,
    number: nextNumber(intention),
    release,
    hosts,
    leftOut: isGoingOn ? leftOut : [],
    migrate,
    rollbackOf: intention.rollbackOf,
    supersedes: standing.underWay === undefined ? undefined : intention.supersede,
    staying: intention.staying ?? [],
    migrations: intention.migrations,
    again: intention.again,
    current: standing.current,
    usual: usualTimings(intention.log.deployments, kind),
    reason: reasonText(intention.reason),
    running: isRunning(intention, hosts, config),
    undo: undoCommand(intention),
    steps: stepsOf({
      kind,
      mayPull: intention.mayPull,
      release,
      hosts,
      migrate,
      singletons: config.runtime.singletons,
    }),
  };
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

function undoCommand({ kind, environment, release, standing, migrations }: Intention): string | undefined {
  const { current, previous } = standing;
  // A rollback would be refused.
  if (kind === "deploy" && contractsIn(migrations?.added ?? []).length > 0) return undefined;
  const other = [current, previous].find(
    (intent) => intent?.bundle.digest !== release.bundle.digest && intent !== undefined,
  );
  if (other === undefined) return undefined;
  return kind === "deploy"
    ? `threads rollback -e ${environment.name}`
    : `threads deploy -e ${environment.name} ${other.revision}`;
}

/** The host that migrates and runs the singletons stays the same one: a moving beat would tick twice. */
function inOrder({ observed, standing, release }: Intention): readonly PlannedHost[] {
  const leader = standing.current?.hosts[0];
  const hosts = observed.map(({ host, summary }) => ({
    id: host.id,
    name: host.name,
    before: summary?.current?.revision,
    makesRoom: whatMakesRoom(summary?.current, release),
    environment: summary?.environment,
    strangers: strangersOn(summary, release),
  }));
  return [...hosts.filter((host) => host.id === leader), ...hosts.filter((host) => host.id !== leader)];
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
  return observed.every(({ host, summary }) => {
    const absent = idleServices(config.runtime, host.id, ids);
    return summary !== undefined && runsRelease(summary, { release, absent });
  });
}

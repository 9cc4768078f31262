import { ThreadsError } from "../errors/threads-error.ts";
import type { Author, FailureCause, HostOutcome, Intent, IntentDraft } from "../ledger/ledger.ts";
import { contractsIn } from "../release/migrations.ts";
import { both } from "../progress/both.ts";
import { endOfRollout } from "./ending.ts";
import { takeOver } from "./go-on.ts";
import { type HeldLease, holdLease } from "./hold-lease.ts";
import type { PlannedHost, RolloutPlan } from "./rollout-plan.ts";
import type { RolloutPorts } from "./ports.ts";
import type { Ending } from "./result.ts";
import type { Target } from "./target.ts";
import { rolloutMs } from "./time-limits.ts";
import { tellOf } from "./tell-of.ts";
import { longestTimings } from "./timings.ts";
import type { Walk } from "./carry-out-round.ts";
import type { Trouble } from "./trouble.ts";
import { switchOrReturn } from "./walk.ts";

/**
 * Walks the plan under the environment's lease: the intent into the ledger, host after host, the outcome into the ledger.
 * @throws ThreadsError for every end but success, with the state of each host and the next command
 */
export async function rollOut(plan: RolloutPlan, ports: RolloutPorts): Promise<Ending & { readonly intent: Intent }> {
  const target = await ports.targetOf(plan.environment);
  await target.ready();
  ports.signal.throwIfAborted();
  const lease = await holdLease(plan, ports);
  try {
    return await walkPlan(plan, { lease, target }, { ...ports, progress: lease.progress });
  } finally {
    await lease.release();
  }
}

async function walkPlan(
  plan: RolloutPlan,
  { lease, target }: { readonly lease: Pick<HeldLease, "release">; readonly target: Target },
  ports: RolloutPorts,
): Promise<Ending & { readonly intent: Intent }> {
  const beganAt = ports.clock.now();
  const intent = await begin(plan, draft(plan, target, { beganAt, by: ports.author }), ports);
  const tellEnd = tellOf(plan, intent, ports);
  const states: Walk["states"] = new Map(plan.hosts.map((host) => [host.id, standsBefore(host, plan)]));
  const measured: Walk["measured"] = new Map();
  const kept = { environments: new Map(), rounds: [], weighed: [], pauses: [], came: [] };
  const walk: Walk = { plan, intent, target, beganAt, states, measured, ...kept, ports };
  const trouble = await switchOrReturn(walk);
  const hosts = [...states].map(([id, state]): HostOutcome => {
    const { traffic, tasks } = measured.get(id) ?? {};
    return { id, state, ...(traffic === undefined ? {} : { traffic }), ...(tasks === undefined ? {} : { tasks }) };
  });
  const timings = longestTimings([...measured.values()].map((one) => one.timings ?? {}));
  const { result, error } = endOfRollout({ plan, hosts, weighed: walk.weighed, pauses: walk.pauses, trouble });
  const [environment] = walk.environments.values();
  const leftOut = plan.leftOut.map(({ id }): HostOutcome => ({ id, state: "untouched" }));
  const end = {
    result,
    hosts: [...hosts, ...leftOut],
    timings,
    came: walk.came,
    weighed: walk.weighed,
    ...(environment === undefined ? {} : { environment }),
  };
  // All at once, so that the end takes no longer.
  const write = (): Promise<void> => both(lease.release, () => record({ ...end, walk, error, trouble }));
  const github = await both(write, () => tellEnd(result));
  if (error !== undefined) throw error;
  return { ...end, intent, github };
}

/** What a host has of the release before it is touched. */
function standsBefore({ stays, weighed }: PlannedHost, { release }: RolloutPlan): HostOutcome["state"] {
  if (stays) return "new";
  return weighed?.bundle === release.bundle.digest ? "both" : "untouched";
}

/** Writes the intent. @throws ThreadsError unknown, where nobody knows whether it is there */
async function begin(plan: RolloutPlan, drafted: IntentDraft, { ledger }: RolloutPorts): Promise<Intent> {
  try {
    return await ledger.begin(plan.environment.name, plan.number, drafted);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome !== "unknown") throw error;
    throw error.with({
      message: `${error.message}, so deployment ${plan.number} may be on record; no host was touched`,
      next: takeOver(plan),
      cause: error,
    });
  }
}

/** Its deadline tells how long it may last: readers count that from the server's own time of the record. */
function draft(
  plan: RolloutPlan,
  target: Target,
  { beganAt, by }: { readonly beganAt: number; readonly by: Author },
): IntentDraft {
  const { kind, release, hosts, leftOut, rollbackOf, supersedes, liftsHold, migrations, weights, continues } = plan;
  return {
    kind,
    revision: release.revision,
    tree: release.tree,
    bundle: release.bundle,
    images: release.images,
    ...(release.edge === undefined ? {} : { edge: release.edge }),
    hosts: hosts.map((host) => host.id),
    ...(leftOut.length === 0 ? {} : { leftOut: leftOut.map(({ id }) => id) }),
    by,
    startedAt: new Date(beganAt).toISOString(),
    deadline: new Date(beganAt + rolloutMs(plan.environment.timeoutMs, target)).toISOString(),
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(supersedes === undefined ? {} : { supersedes }),
    ...(liftsHold === undefined ? {} : { liftsHold }),
    ...(weights === undefined ? {} : { weights }),
    ...(continues === undefined ? {} : { continues: { step: continues.step, hooks: continues.hooks } }),
    ...(plan.reason === undefined ? {} : { reason: plan.reason }),
    ...(migrations === undefined
      ? {}
      : { contracts: { added: contractsIn(migrations.added), dropped: contractsIn(migrations.dropped) } }),
  };
}

interface Ended extends Ending {
  readonly walk: Walk;
  readonly error: unknown;
  readonly trouble: Trouble | undefined;
}

/** A sentence says it; the whole story is in the host's log. */
const longestMessage = 600;

function causeOf({ error, trouble }: Ended): { readonly cause?: FailureCause } {
  if (error === undefined) return {};
  const code = error instanceof ThreadsError ? error.code : "BUG";
  const message = (error instanceof Error ? error.message : "unexpected").slice(0, longestMessage);
  const step = trouble?.verdict?.step ?? "";
  const where = { ...(trouble?.host === undefined ? {} : { host: trouble.host }), ...(step === "" ? {} : { step }) };
  return { cause: { code, message, ...where } };
}

/** Writes the outcome; a ledger that does not take it leaves an environment of which the ledger knows less than we do. */
async function record(end: Ended): Promise<void> {
  const { walk, result, hosts, timings, weighed, environment, error } = end;
  const { plan, intent, ports } = walk;
  const finishedAt = new Date(ports.clock.now()).toISOString();
  const { number, nonce } = intent;
  const steps = weighed.length === 0 ? {} : { weighed };
  const { rounds, pauses } = walk;
  const known = {
    timings,
    ...(rounds.length === 0 ? {} : { rounds }),
    ...steps,
    ...(pauses.length === 0 ? {} : { pauses }),
    ...causeOf(end),
    ...(environment === undefined ? {} : { environment }),
  };
  const outcome = { schema: 1, number, nonce, result, hosts, finishedAt, ...known } as const;
  await ports.ledger.finish(plan.environment.name, outcome).catch((cause: unknown) => {
    const why = error instanceof Error ? [error.message] : [];
    throw new ThreadsError("OUTCOME_NOT_WRITTEN", {
      message: `deployment ${intent.number} ended as ${result}, but the ledger did not take that: ${(cause as Error).message}`,
      details: [...hosts.map(({ id, state }) => `${id}  ${state}`), ...why],
      next: takeOver(plan),
      cause,
    });
  });
}

import { ThreadsError } from "../errors/threads-error.ts";
import type { Author, HostOutcome, Intent } from "../ledger/ledger.ts";
import { endOfRollout, takeOver } from "./ending.ts";
import type { RolloutPlan } from "./plan.ts";
import type { RolloutPorts } from "./ports.ts";
import type { Ending } from "./result.ts";
import { rolloutMs } from "./time-limits.ts";
import { switchOrReturn, type Walk } from "./walk.ts";

/**
 * Walks the plan: the intent into the ledger, host after host, the outcome into the ledger.
 * @throws ThreadsError for every end but success, with the state of each host and the next command
 */
export async function rollOut(plan: RolloutPlan, ports: RolloutPorts): Promise<Ending & { readonly intent: Intent }> {
  ports.signal.throwIfAborted();
  const beganAt = ports.clock.now();
  const intent = await ports.ledger.begin(plan.environment.name, plan.number, draft(plan, beganAt, ports.author));
  const states: Walk["states"] = new Map(plan.hosts.map((host) => [host.id, "untouched"]));
  const walk: Walk = { plan, intent, beganAt, states, ports };
  const trouble = await switchOrReturn(walk).catch((error: unknown) => {
    throw leftOpen(error, walk);
  });
  const hosts = [...states].map(([id, state]): HostOutcome => ({ id, state }));
  const { result, error } = endOfRollout({ plan, hosts, trouble });
  await record({ walk, result, hosts });
  if (error !== undefined) throw error;
  return { result, hosts, intent };
}

/** Its deadline tells how long it may last: readers count that from the server's own time of the record. */
function draft(plan: RolloutPlan, beganAt: number, by: Author): Omit<Intent, "schema" | "number" | "nonce"> {
  const { kind, release, hosts, rollbackOf, supersedes } = plan;
  return {
    kind,
    revision: release.revision,
    tree: release.tree,
    bundle: release.bundle,
    images: release.images,
    hosts: hosts.map((host) => host.id),
    by,
    startedAt: new Date(beganAt).toISOString(),
    deadline: new Date(beganAt + rolloutMs(plan.environment.timeoutMs)).toISOString(),
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(supersedes === undefined ? {} : { supersedes }),
  };
}

/** Nobody has seen the end of a host's script: the record stays open, and the failure names the commands that go on. */
function leftOpen(error: unknown, { plan, intent }: Walk): unknown {
  if (!(error instanceof ThreadsError) || error.outcome !== "unknown") return error;
  return error.with({
    message: `${error.message}; deployment ${intent.number} stays open`,
    next: takeOver(plan, intent.number),
    cause: error,
  });
}

/** Writes the outcome; a ledger that does not take it leaves an environment of which the ledger knows less than we do. */
async function record(end: Ending & { readonly walk: Walk }): Promise<void> {
  const { walk, result, hosts } = end;
  const { plan, intent, ports } = walk;
  const finishedAt = new Date(ports.clock.now()).toISOString();
  const outcome = { schema: 1, number: intent.number, nonce: intent.nonce, result, hosts, finishedAt } as const;
  await ports.ledger.finish(plan.environment.name, outcome).catch((cause: unknown) => {
    throw new ThreadsError("OUTCOME_NOT_WRITTEN", {
      message: `deployment ${intent.number} ended as ${result}, but the ledger did not take that: ${(cause as Error).message}`,
      details: hosts.map(({ id, state }) => `${id}  ${state}`),
      next: takeOver(plan, intent.number),
      cause,
    });
  });
}

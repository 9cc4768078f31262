import type { Clock } from "../../clock/clock.ts";
import type { Author, HostOutcome, Intent, Ledger } from "../../ledger/ledger.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { hostText } from "../status/fleet.ts";
import { endOfRollout, type Trouble } from "./ending.ts";
import { type HostOrder, type HostPorts, type HostVerdict, runHost } from "./host-run.ts";
import type { RolloutPlan } from "./plan.ts";
import type { Ending } from "./result.ts";

export interface RolloutPorts extends Omit<HostPorts, "environment"> {
  readonly ledger: Ledger;
  readonly progress: Progress;
  readonly clock: Clock;
  /** Aborted by the first Ctrl-C: no further host is begun. */
  readonly signal: AbortSignal;
  readonly author: Author;
}

/** Time that bringing hosts back may take beyond the deployment's own. */
const restoreMs = 180_000;
/** A host is not begun with less than this left. */
const leastMs = 30_000;

/**
 * Walks the plan: the intent into the ledger, host after host, the outcome into the ledger.
 * @throws ThreadsError for every end but success, with the state of each host and the next command
 */
export async function rollOut(plan: RolloutPlan, ports: RolloutPorts): Promise<Ending & { readonly intent: Intent }> {
  ports.signal.throwIfAborted();
  const intent = await ports.ledger.begin(plan.environment.name, plan.number, draft(plan, ports));
  const walk: Walk = {
    plan,
    intent,
    states: new Map(plan.hosts.map((host) => [host.id, "untouched" as const])),
    ports,
  };
  const trouble = await switchHosts(walk);
  if (trouble?.cause === "failed") await converge(walk);
  const hosts = [...walk.states].map(([id, state]): HostOutcome => ({ id, state }));
  const { result, error } = endOfRollout({ plan, hosts, trouble });
  await record({ walk, result, hosts });
  if (error !== undefined) throw error;
  return { result, hosts, intent };
}

/** Writes the outcome; a ledger that does not take it leaves an environment of which the ledger knows less than we do. */
async function record(end: Ending & { readonly walk: Walk }): Promise<void> {
  const { walk, result, hosts } = end;
  const { plan, intent, ports } = walk;
  const finishedAt = new Date(ports.clock.now()).toISOString();
  const outcome = { schema: 1, number: intent.number, nonce: intent.nonce, result, hosts, finishedAt } as const;
  await ports.ledger.finish(plan.environment.name, outcome).catch((cause: unknown) => {
    throw new ThreadsError("unknown", {
      code: "OUTCOME_NOT_WRITTEN",
      message: `deployment ${intent.number} ended as ${result}, but the ledger did not take that: ${(cause as Error).message}`,
      details: hosts.map(({ id, state }) => `${id}  ${state}`),
      next: [
        `threads status -e ${plan.environment.name}`,
        `threads ${plan.kind} -e ${plan.environment.name} --supersede ${intent.number}`,
      ],
      cause,
    });
  });
}

interface Walk {
  readonly plan: RolloutPlan;
  readonly intent: Intent;
  readonly states: Map<string, HostOutcome["state"]>;
  readonly ports: RolloutPorts;
}

function draft(plan: RolloutPlan, { clock, author }: RolloutPorts): Omit<Intent, "schema" | "number" | "nonce"> {
  const { kind, release, hosts, rollbackOf, supersedes } = plan;
  const now = clock.now();
  return {
    kind,
    revision: release.revision,
    tree: release.tree,
    bundle: release.bundle,
    images: release.images,
    hosts: hosts.map((host) => host.id),
    by: author,
    startedAt: new Date(now).toISOString(),
    deadline: new Date(now + plan.environment.deployTimeoutMs + restoreMs).toISOString(),
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(supersedes === undefined ? {} : { supersedes }),
  };
}

/** Host after host until one fails, time is up or somebody presses Ctrl-C. */
async function switchHosts({ plan, intent, states, ports }: Walk): Promise<Trouble | undefined> {
  const until = ports.clock.now() + plan.environment.deployTimeoutMs;
  const tell = (): void =>
    ports.progress.warn("no further host is begun; this one may finish (Ctrl-C again cancels it)");
  ports.signal.addEventListener("abort", tell, { once: true });
  try {
    for (const [index, host] of plan.hosts.entries()) {
      if (ports.signal.aborted) return { cause: "interrupted", host: undefined, verdict: undefined };
      const limitMs = until - ports.clock.now();
      if (limitMs < leastMs) return { cause: "failed", host: host.id, verdict: outOfTime };
      const migrate = index === 0 ? plan.migrate : undefined;
      states.set(host.id, "unknown");
      const order = { intent, host: host.id, action: "deploy", migrate, limitMs } as const;
      const title = `Deploy ${shortRevision(intent.revision)} on ${hostText(host)}`;
      const verdict = await carryTo(title, order, { plan, ports });
      states.set(host.id, verdict.state);
      if (verdict.end !== "done") return { cause: causes[verdict.end], host: host.id, verdict };
    }
    return undefined;
  } finally {
    ports.signal.removeEventListener("abort", tell);
  }
}

const causes = { failed: "failed", superseded: "superseded", cancelled: "interrupted" } as const;
const outOfTime: HostVerdict = {
  end: "failed",
  state: "old",
  code: 0,
  says: "was not begun: the time is up",
  tail: [],
};

/** One host's part as a step that fails to be seen, with its verdict. A script that AWS refused to send did not run. */
async function carryTo(
  title: string,
  order: HostOrder,
  { plan, ports }: Pick<Walk, "plan" | "ports">,
): Promise<HostVerdict> {
  const known: { verdict?: HostVerdict } = {};
  try {
    return await step(ports.progress, title, async (own) => {
      const verdict = await runHost(order, own, hostPorts(plan, ports));
      known.verdict = verdict;
      if (verdict.end !== "done") throw new ThreadsError("checks", { code: "HOST_FAILED", message: verdict.says });
      return verdict;
    });
  } catch (error) {
    if (known.verdict !== undefined) return known.verdict;
    if (!(error instanceof ThreadsError) || error.outcome !== "refused") throw error;
    return { end: "failed", state: "old", code: notReady, says: error.message, tail: [] };
  }
}

/** The host script's code for a host that was not touched. */
const notReady = 10;

function hostPorts(plan: RolloutPlan, ports: RolloutPorts): HostPorts {
  return { ...ports, environment: plan.environment.name };
}

/** One host failed: those that were switched go back too, so that the environment runs one release. */
async function converge({ plan, intent, states, ports }: Walk): Promise<void> {
  const back = [...states].filter(([, state]) => state === "new" || state === "unknown").map(([id]) => id);
  for (const host of back.toReversed()) {
    const named = hostText(plan.hosts.find(({ id }) => id === host) ?? { id: host, name: host });
    const limitMs = plan.environment.deployTimeoutMs;
    const order = { intent, host, action: "restore", migrate: undefined, limitMs } as const;
    const verdict = await carryTo(`Bring ${named} back`, order, { plan, ports });
    // What could not be told to go back is where it was.
    if (verdict.end === "done" || verdict.code !== notReady) states.set(host, verdict.state);
  }
}

import type { Clock } from "../../clock/clock.ts";
import type { Author, HostOutcome, Intent, Ledger } from "../../ledger/ledger.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { hostText } from "../status/fleet.ts";
import { endOfRollout, type Trouble } from "./ending.ts";
import { type HostPorts, type HostVerdict, runHost } from "./host-run.ts";
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
  const finishedAt = new Date(ports.clock.now()).toISOString();
  const outcome = { schema: 1, number: intent.number, nonce: intent.nonce, result, hosts, finishedAt } as const;
  await ports.ledger.finish(plan.environment.name, outcome);
  if (error !== undefined) throw error;
  return { result, hosts, intent };
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
      const verdict = await step(
        ports.progress,
        `Deploy ${shortRevision(intent.revision)} on ${hostText(host)}`,
        (own) =>
          runHost({ intent, host: host.id, action: "deploy", migrate, limitMs }, own, hostPorts(plan, ports)).then(
            (ended) => title(own, hostText(host), ended),
          ),
      );
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

function title(own: { done(text: string): void }, host: string, verdict: HostVerdict): HostVerdict {
  own.done(verdict.end === "done" ? `${host} runs it` : `${host} ${verdict.says}`);
  return verdict;
}

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
    const verdict = await step(ports.progress, `Bring ${named} back`, (own) =>
      runHost(order, own, hostPorts(plan, ports)).then((ended) => {
        own.done(ended.end === "done" ? `${named} is back` : `${named} ${ended.says}`);
        return ended;
      }),
    );
    states.set(host, verdict.state);
  }
}

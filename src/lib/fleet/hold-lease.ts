import { once } from "../aws/once.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { beatMs, deadAfterMs, type OwnLease } from "../ledger/lease.ts";
import type { Progress } from "../progress/progress.ts";
import type { RolloutPorts } from "./ports.ts";
import { underWayBy } from "./require-free.ts";
import type { RolloutPlan } from "./rollout-plan.ts";

/** The lease of an environment, for as long as a rollout is at work there. */
export interface HeldLease {
  /** The same progress, of which the lease tells others. */
  readonly progress: Progress;
  /** Once, however often it is called; never rejects. */
  readonly release: () => Promise<void>;
}

type LeasePorts = Pick<RolloutPorts, "ledger" | "progress" | "author" | "clock" | "pulse">;

/**
 * Takes the lease and gives a sign of life every few seconds. Whatever becomes of it, the rollout goes on: the ledger's number
 * and the hosts keep others out. @throws ThreadsError DEPLOYMENT_UNDER_WAY where somebody else is at work
 */
export async function holdLease(plan: RolloutPlan, ports: LeasePorts): Promise<HeldLease> {
  const { name } = plan.environment;
  const { kind, number, release, again } = plan;
  const draft = { kind, number, revision: release.revision, by: ports.author };
  try {
    // What has a lower number has ended by the ledger's word, or is taken over.
    const taken = await ports.ledger.takeLease(
      name,
      draft,
      (lease) => lease.state === "dead" || lease.number < number || lease.number === plan.supersedes,
    );
    if ("own" in taken) return beating(taken.own, plan, ports);
    throw underWayBy(taken.inTheWay, { environment: name, typed: again });
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.code === "DEPLOYMENT_UNDER_WAY" || error.outcome === "interrupted")
      throw error;
    ports.progress.warn(`going on without a lease, so that others are told less of this ${kind}: ${error.message}`);
    return { progress: ports.progress, release: () => Promise.resolve() };
  }
}

function beating(own: OwnLease, plan: RolloutPlan, ports: LeasePorts): HeldLease {
  const { name } = plan.environment;
  const { ledger, progress, clock } = ports;
  const over = new AbortController();
  let step = "begins";
  let seenAt = clock.now();
  let wasTold = false;
  const beat = async (): Promise<"held" | "lost"> => {
    try {
      const state = await ledger.renewLease(name, own, step);
      seenAt = clock.now();
      if (state === "lost") progress.warn(lostText(plan));
      return state;
    } catch (error) {
      if (!wasTold)
        progress.warn(`the lease of ${name} cannot be renewed, and the ${plan.kind} goes on: ${why(error)}`);
      wasTold = true;
      return "held";
    }
  };
  const beats = (async (): Promise<"held" | "lost"> => {
    while (await pauseUnless(over.signal, ports)) if ((await beat()) === "lost") return "lost";
    return "held";
  })();
  const release = once(async (): Promise<void> => {
    over.abort();
    // A beat that comes after the end would put it back.
    if ((await beats) === "lost") return;
    const isSure = clock.now() - seenAt < deadAfterMs - beatMs;
    await ledger.endLease(name, own, isSure).catch((error: unknown) => {
      progress.warn(`the lease of ${name} could not be given up, and ends in ${deadAfterMs / 1000} s: ${why(error)}`);
    });
  });
  const tell = (text: string): void => {
    step = text;
  };
  return { progress: telling(progress, tell), release };
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : "unexpected";
}

/** @returns whether it is time for the next beat */
async function pauseUnless(over: AbortSignal, { pulse }: Pick<LeasePorts, "pulse">): Promise<boolean> {
  try {
    await pulse(beatMs, over);
    return true;
  } catch {
    return false;
  }
}

function lostText({ kind, number, environment }: RolloutPlan): string {
  return `the lease of ${environment.name} is gone: somebody has broken it, or goes over deployment ${number}. This ${kind} goes on; of two, hosts refuse the older`;
}

/** What people are told of each step, and of what it is at, goes into the lease as well. */
function telling(progress: Progress, tell: (text: string) => void): Progress {
  return {
    tasks: (tasks, options) =>
      progress.tasks(
        tasks.map((task) => ({
          title: task.title,
          run: (step) => {
            tell(task.title);
            return task.run({
              done: (text) => step.done(text),
              update: (text) => {
                tell(`${task.title}: ${text}`);
                step.update(text);
              },
            });
          },
        })),
        options,
      ),
    note: (message) => progress.note(message),
    detail: (message) => progress.detail(message),
    warn: (message) => progress.warn(message),
    line: (text) => progress.line(text),
    keep: (name, lines) => progress.keep(name, lines),
  };
}

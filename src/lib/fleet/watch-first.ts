import { unlessAborted } from "../clock/unless-aborted.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { step } from "../progress/progress.ts";
import type { HostSummary } from "../script/summary.ts";
import { count, span } from "../text/words.ts";
import type { Walk } from "./carry-out-round.ts";
import { failsMore } from "./compare-slots.ts";
import type { Trouble } from "./trouble.ts";
import { hostText } from "./hosts.ts";
import { dockerTells, idleServices, judgeServices } from "./judge.ts";
import type { PlannedHost } from "./rollout-plan.ts";
import { leastMs } from "./time-limits.ts";

/** Between two looks at a host that is watched. */
const lookEveryMs = 5_000;

/**
 * Looks at the first host again and again for as long as the plan says: that it came up once says little of a release that
 * leaks, or dies of its first real request. A host that goes bad meanwhile, or fails more often than with the release before by
 * its edge's count, has failed. Whoever interrupts ends it at once.
 */
export async function watchFirst(walk: Walk, host: PlannedHost): Promise<Trouble | undefined> {
  const { plan, beganAt, ports } = walk;
  const { clock } = ports;
  // The hosts behind it need some of the time.
  const forMs = Math.min(plan.observeMs, beganAt + plan.environment.timeoutMs - leastMs - clock.now());
  if (forMs <= 0) return undefined;
  const signal = AbortSignal.any([ports.signal, ports.detach]);
  const says = await step(ports.progress, `Watch ${hostText(host)} for ${span(forMs)}`, async (own) => {
    const found = await watch(walk, { host, until: clock.now() + forMs, signal, tell: (text) => own.update(text) });
    if (found !== undefined) own.done(`${hostText(host)} ${found}`);
    return found;
  }).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (says === undefined) return undefined;
  const verdict = { end: "failed", state: "new", code: 0, says, tail: [], warnings: [] } as const;
  return { cause: "failed", host: host.id, verdict };
}

interface Watched {
  readonly host: PlannedHost;
  /** By our clock, milliseconds since the epoch. */
  readonly until: number;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}

/** @returns what has become of it, as the predicate of a sentence; undefined where it is well to the end */
async function watch(walk: Walk, { host, until, signal, tell }: Watched): Promise<string | undefined> {
  const { clock } = walk.ports;
  const { restarts, isCompared } = await look(walk, host, signal);
  if (isCompared === false && host.slot !== undefined)
    walk.ports.progress.note(
      `${hostText(host)} is watched for its health alone: its edge is new, and has not counted before`,
    );
  for (;;) {
    const leftMs = until - clock.now();
    if (leftMs > 0) await clock.sleep(Math.min(leftMs, lookEveryMs), signal);
    tell(`${span(until - clock.now())} left`);
    const seen = await look(walk, host, signal);
    const more = (seen.restarts ?? 0) - (restarts ?? seen.restarts ?? 0);
    const says = more > 0 ? `has restarted ${count(more, "container")}` : seen.says;
    // One look that fails is none; the last one has to see it well.
    if (says !== undefined && (seen.restarts !== undefined || leftMs <= lookEveryMs))
      return `went bad while it was watched: ${says}`;
    if (leftMs <= lookEveryMs) return undefined;
  }
}

interface Look {
  /** Of all its containers together, and of those that were replaced; undefined where it did not say. */
  readonly restarts: number | undefined;
  /** What is wrong; undefined where nothing is. */
  readonly says: string | undefined;
  /** Whether its edge has counted what the release before answered; undefined where the host did not say. */
  readonly isCompared?: boolean;
}

async function look({ intent, target, ports }: Walk, { id, name }: PlannedHost, signal: AbortSignal): Promise<Look> {
  const asked = target.look([{ id, name, online: true }], signal);
  const [seen] = await unlessAborted(signal, () => asked).catch((error: unknown) => {
    if (signal.aborted || !(error instanceof ThreadsError)) throw error;
    return [{ summary: undefined, silence: error.message }];
  });
  const { summary } = seen ?? {};
  if (summary === undefined || !dockerTells(summary))
    return { restarts: undefined, says: seen?.silence ?? "its docker does not answer" };
  const absent = idleServices(ports.config.runtime, id, intent.hosts);
  const wrong = judgeServices(summary, { release: intent, absent }).filter(({ verdict }) => verdict !== "ok");
  const { before = null, ...since } = summary.served ?? { requests: 0, failed: 0 };
  const says = wrong.map(({ service, says: how }) => `${service} ${how}`)[0];
  return {
    restarts: restartsOf(summary),
    says: says ?? (before === null ? undefined : failsMore(before, since)),
    isCompared: before !== null,
  };
}

function restartsOf({ containers = [] }: HostSummary): number {
  return containers.filter(({ oneoff }) => !oneoff).reduce((sum, { restarts }) => sum + restarts, 0);
}

import { ThreadsError } from "../../errors/threads-error.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import type { LoadReport } from "../../load/load.ts";
import { shortRevision } from "../../release/revision.ts";
import type { SeenLock } from "../../sandbox/lock-watch.ts";
import type { HostMemory } from "../../sandbox/memory-watch.ts";
import type { Mark } from "./phases.ts";
import type { RehearsalPlan } from "./plan.ts";
import type { RehearsePorts, Stage } from "./ports.ts";
import type { HeldLock, RehearsalMemory } from "./result.ts";

/** What was seen, with nothing judged yet. */
export interface Performed {
  readonly report: LoadReport;
  readonly marks: readonly Mark[];
  /** Of the load, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly everyMs: number;
  readonly locks: readonly HeldLock[] | null;
  readonly memory: RehearsalMemory | null;
  readonly lateMs: number;
  readonly notDeployed: ThreadsError | undefined;
  readonly notRolledBack: ThreadsError | undefined;
}

type Ports = Pick<RehearsePorts, "runLoad" | "progress" | "clock" | "signal">;

/** So finely it is counted what became of requests: finer than the steps of a host. */
const everyMs = 250;
/** For so long is looked at what runs now, at the candidate, and at what has come back: each by itself. */
const aloneMs = 3_000;
/** No deployment takes longer. */
const longestMs = 3_600_000;

/** What runs now comes first; from then on requests are made until the end. */
export async function perform(plan: RehearsalPlan, stage: Stage, ports: Ports): Promise<Performed> {
  const { progress, clock, signal } = ports;
  const from = plan.from.release.revision;
  progress.note(`In the sandbox, what ${plan.environment.name} runs now: ${shortRevision(from)}`);
  await stage.deploy(from).catch((error: unknown) => {
    throw error instanceof ThreadsError ? notSet(plan, error) : error;
  });
  signal.throwIfAborted();
  const enough = new AbortController();
  const watch = stage.watch();
  const startedAt = clock.now();
  const load = ports.runLoad(loadOn(plan, stage), { signal, enough: enough.signal, onTick: () => undefined });
  // Waited for below, whatever comes before.
  load.catch(() => undefined);
  const acted = await act(plan, stage, ports)
    .finally(() => enough.abort())
    .catch(async (error: unknown) => {
      await watch.stop().catch(() => undefined);
      throw error;
    });
  const endedAt = clock.now();
  const [report, { locks, memory }] = await Promise.all([load, watch.stop()]);
  signal.throwIfAborted();
  return {
    ...acted,
    report,
    startedAt,
    endedAt,
    everyMs,
    locks: locks && heldBy(locks, acted.marks, endedAt),
    memory: memoryOf(memory),
    lateMs: report.lateMs,
  };
}

function loadOn({ asked, rate }: RehearsalPlan, { places }: Stage): Parameters<Ports["runLoad"]>[0] {
  const { requests, timeoutMs } = asked;
  const targets = places.map(({ host, url }) => ({ name: host, base: url }));
  return { targets, requests, rate, durationMs: longestMs, timeoutMs, everyMs };
}

type Acted = Pick<Performed, "marks" | "notDeployed" | "notRolledBack">;

async function act(plan: RehearsalPlan, stage: Stage, { progress, clock, signal }: Ports): Promise<Acted> {
  const marks: Mark[] = [];
  const alone = async (part: Mark["part"]): Promise<void> => {
    marks.push({ part, step: "", at: clock.now() });
    await clock.sleep(aloneMs, signal);
  };
  const during = async (part: "deploy" | "rollback", run: () => Promise<RolloutResult>) => {
    const at = clock.now();
    marks.push({ part, step: "", at });
    const { result, error } = await attempt(run);
    signal.throwIfAborted();
    const number = result?.number ?? error?.deployment?.number;
    const steps = number == null ? [] : await stage.stepsOf(number);
    // Hosts write the second, and no part of it.
    for (const one of steps) marks.push({ part, step: one.step, at: Math.max(at, one.at) });
    return error;
  };
  const { from, to, about } = plan;
  await alone("before");
  progress.note(`The candidate: ${shortRevision(to.release.revision)}`);
  const notDeployed = await during("deploy", () => stage.deploy(to.release.revision));
  if (notDeployed !== undefined) {
    // Hosts have gone back by themselves.
    await alone("after");
    return { marks, notDeployed, notRolledBack: undefined };
  }
  await alone("served");
  if (about.noRollback !== "") return { marks, notDeployed, notRolledBack: undefined };
  progress.note(`Back again: ${shortRevision(from.release.revision)}`);
  const notRolledBack = await during("rollback", () => stage.rollback());
  await alone("after");
  return { marks, notDeployed, notRolledBack };
}

async function attempt(
  run: () => Promise<RolloutResult>,
): Promise<{ readonly result?: RolloutResult; readonly error?: ThreadsError }> {
  try {
    return { result: await run() };
  } catch (error) {
    if (error instanceof ThreadsError && error.outcome !== "interrupted") return { error };
    throw error;
  }
}

/** Those that were held while a migration was at work; from the longest on. */
function heldBy(seen: readonly SeenLock[], marks: readonly Mark[], endedAt: number): readonly HeldLock[] {
  const inOrder = marks.toSorted((one, other) => one.at - other.at);
  const times = inOrder.flatMap(({ step, at }, index) =>
    step === "migrate" ? [{ from: at, to: inOrder[index + 1]?.at ?? endedAt }] : [],
  );
  return seen
    .filter(({ fromMs, toMs }) => times.some(({ from, to }) => fromMs <= to + 1_000 && toMs >= from))
    .map(({ table, mode, fromMs, toMs, waiting }) => ({ table, mode, heldMs: toMs - fromMs, waiting }))
    .toSorted((one, other) => other.heldMs - one.heldMs);
}

/** Of the host that has taken most. */
function memoryOf(hosts: readonly HostMemory[]): RehearsalMemory | null {
  const [most] = hosts.toSorted((one, other) => other.most - one.most);
  return most === undefined ? null : { beforeBytes: most.atFirst, mostBytes: most.most };
}

/** What is wrong then is the sandbox, and not the candidate. */
function notSet({ environment, from }: RehearsalPlan, cause: ThreadsError): ThreadsError {
  if (cause.outcome === "interrupted") return cause;
  return new ThreadsError("STAGE_NOT_SET", {
    message: `${shortRevision(from.release.revision)}, which ${environment.name} runs, does not come up in a sandbox: ${cause.message}`,
    details: cause.details,
    next: ["threads sandbox up", ...cause.next.filter((command) => command.startsWith("threads explain"))],
    advice: ["see that sandbox.env and sandbox.services of threads.yml give it all that it needs"],
    cause,
  });
}

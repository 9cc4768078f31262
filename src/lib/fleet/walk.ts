import { unlessAborted } from "../clock/unless-aborted.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { environmentChange } from "../ledger/environment-change.ts";
import type { Freeze } from "../ledger/freeze.ts";
import type { HostOutcome, Intent } from "../ledger/ledger.ts";
import { shortRevision } from "../release/revision.ts";
import { hostCodeOf, hostCodes } from "../script/host-codes.ts";
import type { MadeEnvironment } from "../script/summary.ts";
import { list } from "../text/words.ts";
import { hostText } from "./hosts.ts";
import type { Trouble } from "./ending.ts";
import { giveOrders, type TitledOrder } from "./give-orders.ts";
import type { HostOrder } from "./carry-out-order.ts";
import type { PlannedHost, RolloutPlan } from "./rollout-plan.ts";
import type { RolloutPorts } from "./ports.ts";
import { aftermathMs, leastMs, restoreMs, rolloutMs } from "./time-limits.ts";
import { type HostVerdict, unreached } from "./verdict.ts";

/** A rollout that has begun. */
export interface Walk {
  readonly plan: RolloutPlan;
  readonly intent: Intent;
  /** By our clock, before the ledger's record: milliseconds since the epoch. */
  readonly beganAt: number;
  /** What is known of each host, by id. */
  readonly states: Map<string, HostOutcome["state"]>;
  /** What was measured on it, by id. */
  readonly measured: Map<string, Pick<HostVerdict, "traffic" | "timings">>;
  /** From what the environment of those was made that have the release. */
  readonly environments: Map<string, MadeEnvironment>;
  readonly ports: RolloutPorts;
}

/**
 * One host after another, and all of them back where one fails, so that the environment runs one release. Never rejects:
 * what is known by then is worth writing down, whatever stopped us.
 */
export async function switchOrReturn(walk: Walk): Promise<Trouble | undefined> {
  try {
    const trouble = await switchHosts(walk);
    if (trouble?.cause !== "failed") return trouble;
    await converge(walk, trouble);
    return walk.ports.detach.aborted ? { ...trouble, cause: "left" } : trouble;
  } catch (error) {
    return { cause: "unseen", error };
  }
}

/** A new release comes to one host after another, so that a bad one meets one of them; going back is for all at once. */
function roundsOf({ kind, hosts }: RolloutPlan): readonly (readonly [PlannedHost, ...PlannedHost[]])[] {
  const [first, ...others] = hosts.filter(({ stays }) => !stays);
  if (first === undefined) return [];
  return kind === "rollback" ? [[first, ...others]] : [[first], ...others.map((host): [PlannedHost] => [host])];
}

/** The worst of what became of some hosts: what failed says more than what was told to stop. */
function troubleOf(hosts: readonly PlannedHost[], verdicts: readonly HostVerdict[]): Trouble | undefined {
  for (const end of ["failed", "superseded", "cancelled", "left"] as const) {
    const index = verdicts.findIndex((verdict) => verdict.end === end);
    const [host, verdict] = [hosts[index], verdicts[index]];
    if (host !== undefined && verdict !== undefined) return { cause: causes[end], host: host.id, verdict };
  }
  return undefined;
}

function isUntouched(verdict: HostVerdict | undefined): boolean {
  return verdict?.state === "old" && hostCodeOf(verdict.code)?.touched === false;
}

/** Host after host until one fails, time is up, the environment is frozen or somebody presses Ctrl-C. */
async function switchHosts(walk: Walk): Promise<Trouble | undefined> {
  const { plan, intent, beganAt, ports } = walk;
  const tell = (): void => {
    if (ports.detach.aborted) return;
    const what = plan.kind === "rollback" ? "the hosts may finish" : "no further host is begun; this one may finish";
    ports.progress.warn(`${what} (Ctrl-C again cancels)`);
  };
  ports.signal.addEventListener("abort", tell, { once: true });
  try {
    for (const [index, hosts] of roundsOf(plan).entries()) {
      const stop = await stopBefore(hosts[0], walk);
      if (stop !== undefined) return stop;
      const verdicts = await carryOut(walk, {
        action: "deploy",
        hosts,
        title: (name) => `${verbs[plan.kind]} ${shortRevision(intent.revision)} on ${name}`,
        migrate: index === 0 ? plan.migrate : undefined,
        limitMs: beganAt + plan.environment.timeoutMs - ports.clock.now(),
      });
      const trouble = troubleOf(hosts, verdicts);
      if (trouble === undefined) continue;
      for (const [at, { id }] of hosts.entries())
        if (id !== trouble.host && isUntouched(verdicts[at])) walk.states.set(id, "untouched");
      return trouble;
    }
    return undefined;
  } finally {
    ports.signal.removeEventListener("abort", tell);
  }
}

const verbs = { deploy: "Deploy", rollback: "Go back to" } as const;

const causes = { failed: "failed", superseded: "superseded", cancelled: "interrupted", left: "left" } as const;

/** Why this host must not be begun, looked at anew before each: undefined where nothing stands in the way. */
async function stopBefore(host: PlannedHost, { plan, beganAt, ports }: Walk): Promise<Trouble | undefined> {
  const { signal, detach, ledger, clock } = ports;
  const notBegun = (why: string): Trouble => ({
    cause: "failed",
    host: host.id,
    verdict: unreached("old", `was not begun: ${why}`),
  });
  let freeze: Freeze | undefined;
  try {
    // Going back is always allowed.
    if (plan.kind === "deploy") freeze = await unlessAborted(detach, () => ledger.frozen(plan.environment.name));
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    if (!detach.aborted) return notBegun(error.message);
  }
  if (detach.aborted) return { cause: "left" };
  if (signal.aborted) return { cause: "interrupted" };
  if (freeze !== undefined) return { cause: "frozen", freeze };
  if (beganAt + plan.environment.timeoutMs - clock.now() < leastMs) return notBegun("the time is up");
  return undefined;
}

/** Those that were switched, or may have been, go back, all at once: what could not be told to is where it was. */
async function converge(walk: Walk, trouble: Trouble): Promise<void> {
  const { plan, beganAt, states, ports } = walk;
  const { timeoutMs } = plan.environment;
  // A busy host is at work on another deployment, which we have not touched.
  const busy = trouble.verdict?.code === hostCodes.busy.exit ? trouble.host : undefined;
  const hosts = plan.hosts
    .filter(({ id, stays }) => !stays && id !== busy && (states.get(id) === "new" || states.get(id) === "unknown"))
    .toReversed();
  if (hosts.length === 0) return;
  const leftMs = beganAt + rolloutMs(timeoutMs) - aftermathMs - ports.clock.now();
  // After the recorded deadline somebody else may be at work.
  if (leftMs < leastMs) return ports.progress.warn("no time is left to bring the hosts back");
  await carryOut(walk, {
    action: "restore",
    hosts,
    title: (name) => `Bring ${name} back`,
    migrate: undefined,
    limitMs: Math.min(restoreMs(timeoutMs), leftMs),
  });
}

interface Round extends Pick<HostOrder, "action" | "migrate" | "limitMs"> {
  readonly hosts: readonly PlannedHost[];
  readonly title: (name: string) => string;
}

/** Gives some hosts the same order and keeps what is known of each. @throws what stopped us from seeing one of them, in the end */
async function carryOut(walk: Walk, round: Round): Promise<readonly HostVerdict[]> {
  const { plan, intent, states, ports } = walk;
  const { hosts, title, ...what } = round;
  const orders = hosts.map((host): TitledOrder => {
    const name = hostText(host);
    const known = states.get(host.id) ?? "unknown";
    const stands = known === "untouched" ? "old" : known;
    return { title: title(name), name, order: { ...what, intent, host: host.id, stands } };
  });
  for (const { id } of hosts) states.set(id, "unknown");
  const ends = await giveOrders(orders, { ...ports, environment: plan.environment.name });
  for (const [index, end] of ends.entries()) {
    const host = hosts[index];
    if ("verdict" in end && host !== undefined) keep(walk, host, end.verdict);
  }
  return ends.map((end) => {
    if ("error" in end) throw end.error;
    return end.verdict;
  });
}

/** What is known of a host now. Hosts ask for their environment one after the other: somebody may change it in between. */
function keep({ states, measured, environments, ports }: Walk, host: PlannedHost, verdict: HostVerdict): void {
  states.set(host.id, verdict.state);
  const { traffic, timings } = verdict;
  measured.set(host.id, {
    ...(traffic === undefined ? {} : { traffic }),
    ...(timings === undefined ? {} : { timings }),
  });
  environments.delete(host.id);
  if (verdict.state !== "new" || verdict.environment === undefined) return;
  const [first] = environments.values();
  environments.set(host.id, verdict.environment);
  const change = environmentChange(first, verdict.environment);
  const names = change === undefined ? [] : [...change.changed, ...change.added, ...change.removed];
  if (names.length > 0)
    ports.progress.warn(
      `${hostText(host)} has another environment than the host before it, since it was changed meanwhile: ${list(names)}`,
    );
}

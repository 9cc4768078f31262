import type { HostOutcome, Intent, PausedStep, Round, WeighedStep } from "../ledger/ledger.ts";
import { environmentChange } from "../ledger/environment-change.ts";
import type { MadeEnvironment } from "../script/summary.ts";
import { list } from "../text/words.ts";
import { giveOrders, type TitledOrder } from "./give-orders.ts";
import { hostText } from "./hosts.ts";
import type { RolloutPorts } from "./ports.ts";
import type { CameHost } from "./result.ts";
import type { PlannedHost, RolloutPlan } from "./rollout-plan.ts";
import type { MemberOrder, Target } from "./target.ts";
import { numbered } from "./paused-steps.ts";
import { slowestOf } from "./timings.ts";
import type { MemberVerdict } from "./verdict.ts";

/** A rollout that has begun. */
export interface Walk {
  readonly plan: RolloutPlan;
  readonly intent: Intent;
  readonly target: Target;
  /** By our clock, before the ledger's record: milliseconds since the epoch. */
  readonly beganAt: number;
  /** What is known of each host, by id. */
  readonly states: Map<string, HostOutcome["state"]>;
  /** What was measured on it, by id. */
  readonly measured: Map<string, Pick<MemberVerdict, "traffic" | "tasks" | "timings">>;
  /** The orders that were given, in their order, with what the hosts were at. */
  readonly rounds: Round[];
  /** From what the environment of those was made that have the release. */
  readonly environments: Map<string, MadeEnvironment>;
  /** The steps in which it had a part of the requests. */
  readonly weighed: WeighedStep[];
  /** Where it waits on ECS. */
  readonly pauses: PausedStep[];
  /** Hosts that were not there when it began, in the end. */
  readonly came: CameHost[];
  readonly ports: RolloutPorts;
}

/** One order for some hosts. */
export interface Orders extends Pick<MemberOrder, "action" | "share" | "migrate" | "limitMs"> {
  readonly hosts: readonly PlannedHost[];
  readonly title: (name: string) => string;
}

/** Gives some hosts the same order and keeps what is known of each. @throws what stopped us from seeing one of them, in the end */
export async function carryOut(walk: Walk, round: Orders): Promise<readonly MemberVerdict[]> {
  const { plan, intent, states, target, ports } = walk;
  const { hosts, title, ...what } = round;
  const orders = hosts.map((host): TitledOrder => {
    const name = hostText(host);
    const known = states.get(host.id) ?? "unknown";
    const stands = known === "untouched" ? "old" : known;
    const { goesOnWith, bringsNew, continues } = plan;
    const order = { ...what, intent, host: host.id, stands, goesOnWith, asItWas: !bringsNew };
    if (continues !== undefined) return { title: title(name), name, order: { ...order, approves: continues.hooks } };
    return { title: title(name), name, order };
  });
  for (const { id } of hosts) states.set(id, "unknown");
  const afterMs = ports.clock.now() - walk.beganAt;
  const ends = await giveOrders(orders, target, ports.progress);
  for (const [index, end] of ends.entries()) {
    const host = hosts[index];
    if ("verdict" in end && host !== undefined) keep(walk, host, end.verdict);
  }
  const timings = slowestOf(ends.map((end) => ("verdict" in end ? end.verdict.timings : undefined) ?? {}));
  if (timings !== undefined) walk.rounds.push({ afterMs, timings });
  return ends.map((end) => {
    if ("error" in end) throw end.error;
    return end.verdict;
  });
}

/** What is known of a host now. Hosts ask for their environment one after the other: somebody may change it in between. */
function keep(walk: Walk, host: PlannedHost, verdict: MemberVerdict): void {
  const { plan, states, measured, environments, ports } = walk;
  walk.pauses.push(...numbered(verdict.pauses ?? [], plan));
  states.set(host.id, verdict.state);
  const { traffic, tasks, timings } = verdict;
  measured.set(host.id, {
    ...(traffic === undefined ? {} : { traffic }),
    ...(tasks === undefined ? {} : { tasks }),
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

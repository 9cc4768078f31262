import { foreignService } from "../ecs/owner.ts";
import type { MemberOrder } from "../fleet/target.ts";
import { hostCodes } from "../script/host-codes.ts";
import { ago } from "../text/words.ts";
import { type Application, clusterName, startedBy } from "./application.ts";
import { isGiven } from "./begin-service.ts";
import { unfitness, unfitText } from "./fitness.ts";
import { newest, runningOnce } from "./look.ts";
import type { OrderPorts } from "./order-ports.ts";
import { heldIn, isOurs, pausesIn } from "./pauses.ts";
import { underWay } from "./rollouts.ts";
import { readNamed, type SeenService } from "./services.ts";
import { isThere, noCluster } from "./sight.ts";
import { answerText, pauseText } from "./stages.ts";
import { findWanted, type Wanted } from "./wanted.ts";
import { everyMs } from "./watch.ts";

/** All that was asked before anything is changed. */
export interface Prepared {
  readonly wanted: readonly Wanted[];
  /** As they were by then. */
  readonly services: readonly SeenService[];
  /** Those whose own deployments are taken back first, if they are not over: a way back has decided what they wait for. */
  readonly takenBack: readonly SeenService[];
  /** What should be otherwise, and stops nothing. */
  readonly warnings: readonly string[];
}

/** Why nothing is begun. */
export interface Refused {
  /** Of host-codes.ts. */
  readonly code: number;
  readonly says: string;
  readonly tail: readonly string[];
  readonly advice: readonly string[];
}

/** Reads alone. */
export async function prepare(order: MemberOrder, deadline: number, ports: OrderPorts): Promise<Prepared | Refused> {
  const { application } = ports;
  if (!(await isThere(application, ports))) return refused("notReady", noCluster(application));
  ports.tell("looking at the services");
  const { own: services, foreign } = await settled(deadline, ports);
  if (foreign.length > 0) return refused("notReady", ...foreign.map((one) => foreignText(one, application)));
  const overtaken = overtakenBy(services, order);
  if (overtaken !== undefined) return refused("superseded", overtaken);
  const busy = await busyWith(services, order, ports);
  if (busy !== undefined) return refused("busy", busy);
  const found = await findWanted(order, services, ports);
  if ("problems" in found) return refused("notReady", ...found.problems);
  const unfit = found.wanted.flatMap((wanted) => {
    const seen = services.find(({ name }) => name === wanted.service);
    return seen === undefined ? [] : unfitness(seen, wanted, { ...ports, limitMs: order.limitMs });
  });
  // A way back is no worse for what is so already.
  const stops = unfit.filter(({ kind }) => kind !== "twice" || !order.asItWas);
  if (stops.length > 0) return refused("notReady", ...stops.map(unfitText));
  const takenBack = order.asItWas ? services.filter((one) => isOurs(one) && !isGiven(one.marks, order)) : [];
  return { ...found, services, takenBack, warnings: unfit.map(unfitText) };
}

function refused(code: "notReady" | "busy" | "superseded", first = "", ...others: readonly string[]): Refused {
  const { exit, says } = hostCodes[code];
  return { code: exit, says: `${says}: ${first}`, tail: others, advice: [] };
}

/** A service that an earlier deployment of ours has made and taken away again is soon gone, and can be made anew. */
async function settled(deadline: number, ports: OrderPorts): ReturnType<typeof readNamed> {
  const { application, call, clock, detach } = ports;
  for (;;) {
    const named = await readNamed(application, call);
    const goes = named.own.filter(({ status, marks }) => status === "DRAINING" && marks.before === "none");
    if (goes.length === 0 || clock.now() >= deadline) return named;
    ports.tell(`waiting until ${goes.map(({ name }) => name).join(", ")} is gone`);
    await clock.sleep(everyMs, detach);
  }
}

function foreignText({ name, marks: { owner = "" } }: SeenService, application: Application): string {
  const { says, advice } = foreignService({ name, cluster: clusterName(application.cluster), owner }, application);
  return `${says}: ${advice}`;
}

function overtakenBy(services: readonly SeenService[], order: MemberOrder): string | undefined {
  const marks = newest(services);
  if (marks?.order === undefined || isGiven(marks, order) || marks.order.number < order.intent.number) return undefined;
  return `deployment ${marks.order.number} was there after ${order.intent.number} was begun`;
}

/** What the order itself has begun, or a deployment that it goes on with; what waits for a person a way back takes back. */
function mayBeTakenOn(service: SeenService, order: MemberOrder, isHeld: boolean): boolean {
  const { marks } = service;
  if (isGiven(marks, order)) return true;
  if (!isOurs(service)) return false;
  return (order.goesOnWith ?? []).includes(marks.order?.number ?? 0) || (order.asItWas && isHeld);
}

/** What ECS works on for somebody else: what it would do with both nobody could tell. */
async function busyWith(
  services: readonly SeenService[],
  order: MemberOrder,
  ports: OrderPorts,
): Promise<string | undefined> {
  const { application, call, clock } = ports;
  const [open, once] = await Promise.all([underWay(services, call), runningOnce(application, call)]);
  const held = new Set(heldIn(services, open).map(({ service }) => service));
  const first = services.find((one) => open.has(one.name) && !mayBeTakenOn(one, order, held.has(one.name)));
  const rollout = first && open.get(first.name);
  if (first !== undefined && rollout !== undefined) {
    const since = rollout.createdAt === undefined ? "" : `, begun ${ago(clock.now() - rollout.createdAt)}`;
    const [pause] = pausesIn(first.name, rollout);
    const waits = pause === undefined ? "" : `; it ${pauseText(pause)}: ${answerText(pause, rollout.arn)}`;
    return `ECS brings ${first.name} to ${clusterName(first.definition)} (${rollout.arn}${since})${waits}`;
  }
  const { intent, goesOnWith = [] } = order;
  // What those have begun is waited for, and not run beside.
  const own = new Set([intent.number, ...goesOnWith].map((number) => startedBy(application, number)));
  const task = once.find((one) => !own.has(one.startedBy ?? ""));
  return task === undefined ? undefined : `${task.startedBy ?? "somebody"} runs ${task.taskArn ?? "a task"}`;
}

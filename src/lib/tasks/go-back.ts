import type { MemberOrder } from "../fleet/target.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { list } from "../text/words.ts";
import { type Begun, mark, update } from "./begin-service.ts";
import { requireHasRun } from "./evidence.ts";
import type { OrderPorts } from "./order-ports.ts";
import { isOurs } from "./pauses.ts";
import { isOver, readRollouts } from "./rollouts.ts";
import { describeServices, readServices, type SeenService } from "./services.ts";
import { stopLeftovers } from "./run-once.ts";
import { everyMs, type ServiceEnd, watchServices } from "./watch.ts";

/** Where the services are after that. */
export interface WentBack {
  readonly state: "old" | "unknown";
  /** It ran nothing before: all that was made is taken away. */
  readonly hadNothing: boolean;
  /** One sentence; empty where all is well. */
  readonly says: string;
  readonly tail: readonly string[];
}

/**
 * Brings every service that an order has touched, or one that it goes on with, to what it ran before: what is under way is stopped, which ECS itself takes
 * back; the rest is told to run the definition that it ran, which needs no registry. What the order has made is taken away.
 */
export async function goBack(
  order: MemberOrder,
  { deadline, signal }: { readonly deadline: number; readonly signal: AbortSignal },
  ports: OrderPorts,
): Promise<WentBack> {
  const { intent, goesOnWith = [] } = order;
  const { application, call } = ports;
  await stopLeftovers(intent.number, ports);
  // What the one that it goes on with has told, and it has not come to, is of the same release.
  const own = new Set([intent.number, ...goesOnWith]);
  const touched = (await readServices(application, call)).filter(({ marks }) => own.has(marks.order?.number ?? 0));
  const made = touched.filter(({ marks }) => marks.before === "none");
  const changed = touched.filter(({ marks }) => marks.before !== "none" && marks.before !== undefined);
  await Promise.all(made.map((service) => remove(service, ports)));
  // Who may not see or stop what ECS is at goes back all the same: told the definition that ran, ECS leaves the other.
  const blind = await refusalOf(() => stopRollouts(changed, { deadline, signal }, ports));
  const now = await describeServices(
    application,
    changed.map(({ name }) => name),
    call,
  );
  // Of all of them, before one is told anything.
  await Promise.all(now.map((service) => requireKnown(service, ports)));
  const begun = await Promise.all(now.map((service) => tellBack(service, blind, ports)));
  const ends = begun.length === 0 ? [] : await watchBack(begun, { signal, deadline, blind }, ports);
  const wrong = ends.filter(({ end }) => end !== "done");
  if (wrong.length === 0) {
    await Promise.all(now.map((service) => forget(service, ports)));
    return { state: "old", hadNothing: made.length > 0 && changed.length === 0, says: "", tail: [] };
  }
  return {
    state: "unknown",
    hadNothing: false,
    says: `did not come back: ${list(wrong.map(({ service, says }) => `${service} ${says}`))}`,
    tail: wrong.flatMap(({ tail }) => tail),
  };
}

/** Whether AWS does not allow it; anything else stops us. */
async function refusalOf(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (isDenied(error)) return true;
    throw error;
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof ThreadsError && error.code === "ACCESS_DENIED";
}

/** Where nothing was under way to be stopped, only here it is found out what may not be seen. */
async function watchBack(
  begun: readonly Begun[],
  watching: Parameters<typeof watchServices>[1],
  ports: OrderPorts,
): Promise<readonly ServiceEnd[]> {
  try {
    return await watchServices(begun, { ...watching, passes: true }, ports);
  } catch (error) {
    if (watching.blind === true || !isDenied(error)) throw error;
    return watchServices(begun, { ...watching, blind: true }, ports);
  }
}

/** ECS takes back what it is at quicker than it would begin anew. What is not ours is left to what it is told next. */
export async function stopRollouts(
  services: readonly SeenService[],
  { deadline, signal }: { readonly deadline: number; readonly signal: AbortSignal },
  ports: OrderPorts,
): Promise<void> {
  const { call, clock } = ports;
  const arns = services.filter(isOurs).flatMap(({ deployment }) => deployment ?? []);
  const open = (await readRollouts(arns, call)).filter((one) => !isOver(one)).map(({ arn }) => arn);
  await Promise.all(open.map((arn) => stopRollout(arn, ports)));
  while (open.length > 0 && clock.now() < deadline) {
    if ((await readRollouts(open, call)).every(isOver)) return;
    ports.tell("ECS goes back");
    await clock.sleep(everyMs, signal);
  }
}

async function stopRollout(serviceDeploymentArn: string, { call }: OrderPorts): Promise<void> {
  await call({
    doing: "stopping what ECS deploys",
    send: (client, { StopServiceDeploymentCommand }, options) =>
      client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: "ROLLBACK" }), options),
    // It is over by now, or going back already: what it comes to is read.
    answers: { ConflictException: () => undefined, ServiceDeploymentNotFoundException: () => undefined },
  });
}

function beforeOf({ definition, marks: { before } }: SeenService): string {
  return typeof before === "object" ? before.definition : definition;
}

async function requireKnown(service: SeenService, ports: OrderPorts): Promise<void> {
  const before = beforeOf(service);
  if (before !== service.definition) await requireHasRun(service, before, ports);
}

async function tellBack(service: SeenService, blind: boolean, ports: OrderPorts): Promise<Begun> {
  const { name, definition, deployment } = service;
  const before = beforeOf(service);
  if (definition !== before) return update(name, before, ports);
  const [seen] = deployment === undefined || blind ? [] : await readRollouts([deployment], ports.call);
  // A deployment that has ended was of what it has gone back from.
  return { service: name, definition: before, deployment: seen !== undefined && isOver(seen) ? undefined : deployment };
}

/** On record is what it runs again; the fence stays. */
async function forget({ arn, marks }: SeenService, ports: OrderPorts): Promise<void> {
  if (typeof marks.before === "object") await mark(arn, { ...marks, release: marks.before }, ports);
}

async function remove({ name }: SeenService, { call, application: { cluster } }: OrderPorts): Promise<void> {
  await call({
    doing: `taking away service ${name}, which this deployment has made`,
    send: (client, { DeleteServiceCommand }, options) =>
      client.send(new DeleteServiceCommand({ cluster, service: name, force: true }), options),
    answers: { ServiceNotFoundException: () => undefined },
  });
}

import type { CreateServiceCommandInput, Service } from "@aws-sdk/client-ecs";
import type { MemberOrder } from "../fleet/target.ts";
import { type Marks, type Placed, placedByUs, placedNow, tagsOf } from "./marks.ts";
import { ownerOf } from "../ecs/owner.ts";
import type { OrderPorts } from "./order-ports.ts";
import { describeServices, type SeenService } from "./services.ts";
import type { Wanted } from "./wanted.ts";

/** A service that was told to run something else. */
export interface Begun {
  readonly service: string;
  /** ARN of the task definition. */
  readonly definition: string;
  /** ARN of the service deployment that this began; undefined where ECS did not say. */
  readonly deployment: string | undefined;
}

/** Tells a service to run a definition, or makes it; what it was told and what it ran before is on it by then. */
export async function beginService(
  wanted: Wanted & { readonly service: string; readonly definition: string },
  { order, seen, common }: Around,
  ports: OrderPorts,
): Promise<Begun> {
  const { service, definition } = wanted;
  const at = new Date(ports.clock.now()).toISOString();
  const { number, nonce } = order.intent;
  const mine = { owner: ownerOf(ports.application), order: { number, nonce }, release: { number, definition, at } };
  if (seen === undefined) return create(wanted, { ...mine, before: "none" }, ports);
  const isSame = isGiven(seen.marks, order);
  // What was there before this order was begun, however often it comes, and before the one that it goes on with.
  const before = isSame || goesOn(seen, order) ? seen.marks.before : wholeBefore(seen, common);
  await mark(
    seen.arn,
    { ...mine, release: isSame ? (seen.marks.release ?? mine.release) : mine.release, before },
    ports,
  );
  // Told the same again ECS does nothing; what has failed has to begin anew.
  if (seen.definition === definition && seen.rolloutState !== "FAILED")
    return { service, definition, deployment: seen.deployment };
  return update(service, definition, ports, seen.definition === definition);
}

interface Around {
  readonly order: MemberOrder;
  readonly seen: SeenService | undefined;
  /** Number of the last deployment that all services have had; 0 where there is none. */
  readonly common: number;
}

function goesOn({ definition, marks }: SeenService, { goesOnWith = [] }: MemberOrder): boolean {
  const { order, release, before } = marks;
  if (order === undefined || !goesOnWith.includes(order.number)) return false;
  return before !== undefined && release?.definition === definition;
}

/** One that ended in the middle has left some services ahead of the others: back goes to where all of them were. */
function wholeBefore({ definition, marks }: SeenService, common: number): Placed {
  const now = placedNow(definition, marks);
  const { before } = marks;
  return now.number > common && typeof before === "object" && before.number <= common ? before : now;
}

/** The number that all of these services have come to. */
export function commonTo(services: readonly SeenService[]): number {
  const numbers = services.map(({ definition, marks }) => placedByUs(definition, marks).number);
  return numbers.length === 0 ? 0 : Math.min(...numbers);
}

/** Whether it was this very order that a service was given last. */
export function isGiven({ order }: Marks, { intent }: Pick<MemberOrder, "intent">): boolean {
  return order?.number === intent.number && order.nonce === intent.nonce;
}

export async function mark(resourceArn: string, marks: Marks, { call }: Pick<OrderPorts, "call">): Promise<void> {
  await call({
    doing: "writing onto a service what it is told",
    send: (client, { TagResourceCommand }, options) =>
      client.send(new TagResourceCommand({ resourceArn, tags: [...tagsOf(marks)] }), options),
  });
}

/** With the whole ARN, and without a number of tasks: that belongs to whoever scales it. */
export async function update(
  service: string,
  taskDefinition: string,
  { call, application: { cluster } }: Pick<OrderPorts, "call" | "application">,
  forceNewDeployment = false,
): Promise<Begun> {
  const answer = await call({
    doing: `telling service ${service} what to run`,
    send: (client, { UpdateServiceCommand }, options) =>
      client.send(new UpdateServiceCommand({ cluster, service, taskDefinition, forceNewDeployment }), options),
  });
  return begun(service, taskDefinition, answer.service);
}

function begun(service: string, definition: string, answer: Service | undefined): Begun {
  return { service, definition, deployment: answer?.currentServiceDeployment };
}

async function create(
  { service, definition, settings }: Wanted & { readonly service: string; readonly definition: string },
  marks: Marks,
  ports: OrderPorts,
): Promise<Begun> {
  const { call, application } = ports;
  // Its lists are the translation's, and nobody changes them.
  const input = {
    ...settings,
    serviceName: service,
    taskDefinition: definition,
  } as unknown as CreateServiceCommandInput;
  const clientToken = `threads-${marks.order?.number ?? 0}-${marks.order?.nonce ?? ""}`.slice(0, 36);
  const answer = await call<{ readonly service?: Service | undefined }>({
    doing: `making service ${service}`,
    send: (client, { CreateServiceCommand }, options) =>
      client.send(new CreateServiceCommand({ ...input, tags: [...tagsOf(marks)], clientToken }), options),
    ifLost: async () => {
      const [there] = await describeServices(application, [service], call);
      return there?.marks.order?.nonce === marks.order?.nonce && there !== undefined ? {} : undefined;
    },
  });
  return begun(service, definition, answer.service);
}

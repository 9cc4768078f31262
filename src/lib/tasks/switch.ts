import { ThreadsError } from "../errors/threads-error.ts";
import type { MemberOrder } from "../fleet/target.ts";
import type { Pause } from "../script/pause.ts";
import { beginService, type Begun, commonTo } from "./begin-service.ts";
import { newest } from "./look.ts";
import type { OrderPorts } from "./order-ports.ts";
import { approve, heldIn } from "./pauses.ts";
import type { Prepared } from "./prepare.ts";
import { underWay } from "./rollouts.ts";
import { readServices, type SeenService } from "./services.ts";
import { pauseText } from "./stages.ts";
import type { Wanted } from "./wanted.ts";
import { type ServiceEnd, watchServices } from "./watch.ts";

type Ready = Wanted & { readonly service: string; readonly definition: string };

/** Is given what ECS has still to be told, for whoever has to go. */
export interface Rest {
  begin?: () => Promise<void>;
  says: string;
}

interface Giving {
  readonly order: MemberOrder;
  /** Number of the last deployment that all services have had; 0 where there is none. */
  readonly common: number;
}

interface Switching {
  readonly order: MemberOrder;
  readonly deadline: number;
  readonly rest: Rest;
}

export interface Switched {
  readonly ends: readonly ServiceEnd[];
  readonly cancelled: boolean;
  /** A newer order has come to the services meanwhile. */
  readonly superseded: boolean;
}

/**
 * Workers first, then what people see, then what runs once: each is waited for before the next is begun, so that what does not come
 * up is found where it harms least, and what somebody has to approve is behind what it needs and before what it holds up.
 */
export async function switchServices(
  { wanted }: Prepared,
  { order, deadline, rest }: Switching,
  ports: OrderPorts,
): Promise<Switched> {
  const { cancelNow, detach } = ports;
  const signal = AbortSignal.any([cancelNow, detach]);
  const turns = inTurns(wanted, ports);
  const there = await readServices(ports.application, ports.call);
  const common = commonTo(there.filter(({ name }) => wanted.some(({ service }) => service === name)));
  const giving = { order, common };
  const passes = order.asItWas;
  const ends: ServiceEnd[] = [];
  for (const [index, turn] of turns.entries()) {
    if (cancelNow.aborted) return { ends, cancelled: true, superseded: false };
    const told = passes ? turns : untilHeld(turns, index, there);
    rest.says = told === turns ? "goes on without us" : "goes on without us, as far as its next pause";
    const tellFrom = leaving(rest, told, giving, ports);
    tellFrom(index);
    const begun = await beginAll(turn, giving, ports);
    if (begun === undefined) return { ends, cancelled: false, superseded: true };
    tellFrom(index + 1);
    try {
      const answered = await approveAll(turn, order, ports);
      // Who may not approve leaves it as it was.
      if ("denied" in answered) ends.push(...answered.denied);
      else ends.push(...(await watchServices(begun, { signal, deadline, answered: answered.hooks, passes }, ports)));
    } catch (error) {
      if (!cancelNow.aborted || detach.aborted) throw error;
      return { ends, cancelled: true, superseded: false };
    }
    if (ends.some(({ end }) => end !== "done")) break;
  }
  delete rest.begin;
  return { ends, cancelled: false, superseded: false };
}

type Turns = readonly (readonly Ready[])[];

/** What may be told while nobody waits for it: nothing that comes behind what a person has to approve. */
function untilHeld(turns: Turns, from: number, there: readonly SeenService[]): Turns {
  const held = turns.findIndex((turn, index) => index >= from && holds(turn, there));
  return held < 0 || held === turns.length - 1 ? turns : turns.slice(0, held + 1);
}

/** What ECS is told for whoever has to go, from one turn on. */
function leaving(rest: Rest, told: Turns, giving: Giving, ports: OrderPorts): (from: number) => void {
  return (from) => {
    rest.begin = async () => {
      await beginAll(told.slice(from).flat(), giving, ports);
    };
  };
}

function holds(turn: readonly Ready[], there: readonly SeenService[]): boolean {
  return turn.some(({ service, settings }) => {
    const seen = there.find(({ name }) => name === service);
    return seen?.hasPauses ?? settings?.deploymentConfiguration.lifecycleHooks !== undefined;
  });
}

type Answered = { readonly hooks: readonly string[] } | { readonly denied: readonly ServiceEnd[] };

/** Lets go on what a person has approved, and nothing else. @returns what is answered, or waits still since AWS does not allow it */
async function approveAll(
  turn: readonly Ready[],
  { approves = [] }: MemberOrder,
  ports: OrderPorts,
): Promise<Answered> {
  if (approves.length === 0) return { hooks: [] };
  const services = await readServices(ports.application, ports.call);
  const own = services.filter(({ name }) => turn.some(({ service }) => service === name));
  const held = heldIn(own, await underWay(own, ports.call)).filter(({ hookId }) => approves.includes(hookId));
  try {
    for (const pause of held) await approve(pause, ports);
    return { hooks: approves };
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.code !== "ACCESS_DENIED") throw error;
    return { denied: held.map((pause) => deniedEnd(pause, error)) };
  }
}

function deniedEnd(pause: Pause, { message, advice }: ThreadsError): ServiceEnd {
  const says = `${pauseText(pause)}: ${message}`;
  const { service, deployment } = pause;
  return { service, end: "paused", deployment, pauses: [pause], says, tail: [], advice, warnings: [] };
}

/** @returns undefined where a newer order is there already */
async function beginAll(
  turn: readonly Ready[],
  { order, common }: Giving,
  ports: OrderPorts,
): Promise<readonly Begun[] | undefined> {
  const services = await readServices(ports.application, ports.call);
  if ((newest(services)?.order?.number ?? 0) > order.intent.number) return undefined;
  return Promise.all(
    turn.map((one) =>
      beginService(one, { order, common, seen: services.find(({ name }) => name === one.service) }, ports),
    ),
  );
}

function inTurns(wanted: readonly Wanted[], { config }: OrderPorts): readonly (readonly Ready[])[] {
  const { singletons, workers = [] } = config.runtime;
  const turnOf = ({ containers }: Wanted): number => {
    if (containers.some((name) => singletons.includes(name))) return 2;
    return containers.every((name) => workers.includes(name)) ? 0 : 1;
  };
  const ready = wanted.flatMap((one) =>
    one.service === undefined || one.definition === undefined
      ? []
      : [{ ...one, service: one.service, definition: one.definition }],
  );
  return [0, 1, 2].map((turn) => ready.filter((one) => turnOf(one) === turn)).filter((turn) => turn.length > 0);
}

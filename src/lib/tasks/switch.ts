import type { MemberOrder } from "../fleet/target.ts";
import { beginService, type Begun, commonTo } from "./begin-service.ts";
import { newest } from "./look.ts";
import type { OrderPorts } from "./order-ports.ts";
import type { Prepared } from "./prepare.ts";
import { readServices } from "./services.ts";
import type { Wanted } from "./wanted.ts";
import { type ServiceEnd, watchServices } from "./watch.ts";

type Ready = Wanted & { readonly service: string; readonly definition: string };

interface Switching {
  readonly order: MemberOrder;
  readonly deadline: number;
  /** Is given what ECS has still to be told, for whoever has to go. */
  readonly rest: { begin?: () => Promise<void> };
}

export interface Switched {
  readonly ends: readonly ServiceEnd[];
  readonly cancelled: boolean;
  /** A newer order has come to the services meanwhile. */
  readonly superseded: boolean;
}

/**
 * Workers first, then what people see, then what runs once: each is waited for before the next is begun, so that what does not come
 * up is found where it harms least.
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
  const ends: ServiceEnd[] = [];
  for (const [index, turn] of turns.entries()) {
    if (cancelNow.aborted) return { ends, cancelled: true, superseded: false };
    rest.begin = async () => {
      await beginAll(turns.slice(index).flat(), giving, ports);
    };
    const begun = await beginAll(turn, giving, ports);
    if (begun === undefined) return { ends, cancelled: false, superseded: true };
    rest.begin = async () => {
      await beginAll(turns.slice(index + 1).flat(), giving, ports);
    };
    try {
      ends.push(...(await watchServices(begun, { signal, deadline }, ports)));
    } catch (error) {
      if (!cancelNow.aborted || detach.aborted) throw error;
      return { ends, cancelled: true, superseded: false };
    }
    if (ends.some(({ end }) => end !== "done")) break;
  }
  delete rest.begin;
  return { ends, cancelled: false, superseded: false };
}

/** @returns undefined where a newer order is there already */
async function beginAll(
  turn: readonly Ready[],
  { order, common }: { readonly order: MemberOrder; readonly common: number },
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

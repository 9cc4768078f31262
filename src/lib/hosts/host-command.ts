import { once } from "../aws/once.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { batches } from "../remote/batches.ts";
import type { SentCommand } from "../remote/remote.ts";
import type { MemberOrder } from "../fleet/target.ts";
import type { HostPorts } from "./ports.ts";
import { scriptFor, settingsFor } from "./order-script.ts";
import { killAfterMs } from "./time-limits.ts";

/** The command by which a host gets its order: it may be that of others, too. */
export interface HostCommand {
  /** Sent with the first call, for all of its hosts. @returns the part of this one */
  send(): Promise<SentCommand>;
  /** Ends it on this host. */
  cancel(): Promise<void>;
}

/**
 * Hosts that get the same script at once get it by one command, as many as SSM takes. SSM refuses it as a whole for one host
 * that it has just lost: then each gets its own, and only that one gets none.
 */
export function commandsFor(orders: readonly MemberOrder[], ports: HostPorts): (order: MemberOrder) => HostCommand {
  const sentAt = ports.clock.now();
  const alike = Map.groupBy(orders, (order) => JSON.stringify([order.action, settingsFor(order, sentAt, ports)]));
  const found = new Map<MemberOrder, HostCommand>();
  for (const some of [...alike.values()].flatMap(batches)) {
    const shared = once(() => sendOrder(some, sentAt, ports));
    for (const order of some)
      found.set(order, some.length === 1 ? commandFor(order, ports) : partOf(shared, order, ports));
  }
  return (order) => found.get(order) ?? commandFor(order, ports);
}

/** The command of one host alone. */
export function commandFor(order: MemberOrder, ports: HostPorts): HostCommand {
  const send = once(() => sendOrder([order], ports.clock.now(), ports));
  return { send, cancel: async () => ports.remote.cancel(await send()) };
}

function partOf(shared: () => Promise<SentCommand>, order: MemberOrder, ports: HostPorts): HostCommand {
  const send = once(async () => {
    try {
      return { ...(await shared()), hosts: [order.host] };
    } catch (error) {
      if (!(error instanceof ThreadsError) || error.code !== "HOST_GONE") throw error;
      return commandFor(order, ports).send();
    }
  });
  return { send, cancel: async () => ports.remote.cancel(await send()) };
}

/** @param orders whose scripts are the same */
async function sendOrder(orders: readonly MemberOrder[], sentAt: number, ports: HostPorts): Promise<SentCommand> {
  const [first] = orders;
  if (first === undefined) throw new RangeError("no host is to get a command");
  const { intent, action, limitMs } = first;
  const { config, environment, remote, readOut } = ports;
  const hosts = orders.map(({ host }) => host);
  const sent = await remote.send({
    script: scriptFor(action, settingsFor(first, sentAt, ports)),
    environment,
    hosts,
    label: `${config.app} ${environment} ${action} #${intent.number} ${intent.nonce}`,
    executionMs: limitMs + killAfterMs,
  });
  void readOut?.({ environment, hosts, number: intent.number, action, limitMs });
  return sent;
}

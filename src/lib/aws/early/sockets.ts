import { connect, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Where a connection leads. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Connections that were opened before anybody asked for one, and on which nothing has been sent yet. */
export interface EarlySockets {
  /** One that leads there and is still good; it is the caller's from now on. It may still be connecting. */
  take(endpoint: Endpoint): Socket | undefined;
  /** Lets them get on by a turn of the event loop, which stands still while code is loaded. */
  proceed(): Promise<void>;
  /** Whether requests have left: with the first ones, or at the end, where there were none. */
  readonly left: Promise<boolean>;
  /** Closes what nobody took. */
  close(): void;
}

/**
 * Opens connections now, so that the round trips of TCP and TLS pass while the rest of the program is still loading.
 * A guess: one that fails is dropped in silence, since who needs it connects again and hears why; and none of them
 * keeps the process alive. Worth a round trip of `threads promote` (43 of 560 ms at 50 ms a round trip, nothing beside the
 * server): the row "each connection opened when it is needed" of `npm run bench`.
 * @param endpoints as often as connections are wanted
 */
export function openEarly(endpoints: readonly Endpoint[]): EarlySockets {
  const waiting = new Set<{ readonly endpoint: Endpoint; readonly socket: Socket }>();
  let closed = false;
  const wanted = Promise.withResolvers<boolean>();
  const keep = (endpoint: Endpoint, socket: Socket): void => {
    const one = { endpoint, socket };
    waiting.add(one);
    socket.on("error", ignored).once("close", () => waiting.delete(one));
    // Again once it is connected: a second address of the host is tried with a new handle.
    const rest = (): unknown => waiting.has(one) && socket.unref();
    rest();
    socket.once("connect", rest);
  };
  for (const endpoint of endpoints)
    if (!endpoint.secure) keep(endpoint, connect({ ...endpoint, noDelay: true }));
    else void openSecure(endpoint).then((socket) => (closed ? socket.destroy() : keep(endpoint, socket)));
  return {
    // Requests that are made at the same time are written in one turn of the event loop.
    left: wanted.promise.then((isSo) => nextTurn(isSo)),
    take: (endpoint) => {
      wanted.resolve(true);
      for (const one of waiting) {
        const { socket } = one;
        if (!isSame(one.endpoint, endpoint)) continue;
        waiting.delete(one);
        // A server that spoke first has said goodbye: nothing was asked yet.
        if (socket.destroyed || !socket.writable || socket.readableLength > 0) socket.destroy();
        else return socket.off("error", ignored).ref();
      }
      return undefined;
    },
    proceed: () => nextTurn(),
    close: () => {
      closed = true;
      wanted.resolve(false);
      for (const { socket } of waiting) socket.destroy();
    },
  };
}

/** As Node's https.Agent does it; the CA certificates of NODE_EXTRA_CA_CERTS are Node's own affair. */
async function openSecure({ host, port }: Endpoint): Promise<Socket> {
  const { connect: connectSecure } = await import("node:tls");
  return connectSecure({ host, port, servername: host, ALPNProtocols: ["http/1.1"] }).setNoDelay(true);
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.host === other.host && one.port === other.port && one.secure === other.secure;
}

function ignored(): void {}

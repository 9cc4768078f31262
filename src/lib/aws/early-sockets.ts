import { connect, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Where a connection leads. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Connections that were opened before anybody asked for one, and on which nothing has been sent yet. */
export interface EarlySockets {
  /** One that leads there and is still good; it is the caller's from now on. It may still be connecting. */
  take(place: Place): Socket | undefined;
  /** Lets them get on by a turn of the event loop, which stands still while code is loaded. */
  proceed(): Promise<void>;
  /** Closes what nobody took. */
  close(): void;
}

/**
 * Opens connections now, so that the round trips of TCP and TLS pass while the rest of the program is still loading.
 * A guess: one that fails is dropped in silence, since who needs it connects again and hears why; and none of them
 * keeps the process alive.
 * @param places as often as connections are wanted
 */
export function openEarly(places: readonly Place[]): EarlySockets {
  const waiting = new Set<{ readonly place: Place; readonly socket: Socket }>();
  let closed = false;
  const keep = (place: Place, socket: Socket): void => {
    const one = { place, socket };
    waiting.add(one);
    socket.on("error", ignored).once("close", () => waiting.delete(one));
    // Again once it is connected: a second address of the host is tried with a new handle.
    const rest = (): unknown => waiting.has(one) && socket.unref();
    rest();
    socket.once("connect", rest);
  };
  for (const place of places)
    if (!place.secure) keep(place, connect({ ...place, noDelay: true }));
    else void openSecure(place).then((socket) => (closed ? socket.destroy() : keep(place, socket)));
  return {
    take: (place) => {
      for (const one of waiting) {
        const { socket } = one;
        if (!isSame(one.place, place)) continue;
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
      for (const { socket } of waiting) socket.destroy();
    },
  };
}

/** As Node's https.Agent does it; the CA certificates of NODE_EXTRA_CA_CERTS are Node's own affair. */
async function openSecure({ host, port }: Place): Promise<Socket> {
  const { connect: connectSecure } = await import("node:tls");
  return connectSecure({ host, port, servername: host, ALPNProtocols: ["http/1.1"] }).setNoDelay(true);
}

function isSame(one: Place, other: Place): boolean {
  return one.host === other.host && one.port === other.port && one.secure === other.secure;
}

function ignored(): void {}

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A network in between: everything that goes through takes half a round trip in each direction. */
export interface DelayProxy {
  readonly host: string;
  /** Milliseconds per round trip, from now on. */
  roundTrip: number;
  stop(): Promise<void>;
}

/** @param target port on this machine */
export async function delayProxy(target: number): Promise<DelayProxy> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    // The kernel shakes hands at once on this machine: over a real network that is one more round trip.
    forward(near, far, { first: proxy.roundTrip, each: proxy.roundTrip / 2 });
    forward(far, near, { first: 0, each: proxy.roundTrip / 2 });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: DelayProxy = {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    roundTrip: 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
  return proxy;
}

/** Hands everything on in its order, each piece after its time. */
function forward(from: Socket, to: Socket, delay: { readonly first: number; readonly each: number }): void {
  const opened = performance.now() + delay.first;
  const later = (act: () => void): void => {
    const wait = Math.max(0, opened - performance.now()) + delay.each;
    if (wait === 0) act();
    else setTimeout(act, wait);
  };
  from.on("data", (bytes) => later(() => to.writable && to.write(bytes)));
  from.on("end", () => later(() => to.end()));
  from.on("error", () => to.destroy());
}

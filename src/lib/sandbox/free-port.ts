import { createServer } from "node:net";

/** Whether nobody listens on this port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The first free port from `start` upwards that is not among `taken`. */
export async function freePort(start: number, taken: ReadonlySet<number>): Promise<number> {
  for (let port = start; port < 32_768; port += 1) if (!taken.has(port) && (await isFree(port))) return port;
  throw new Error(`no free port between ${start} and 32767`);
}

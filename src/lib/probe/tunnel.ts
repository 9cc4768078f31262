import { Duplex } from "node:stream";

/** Hands over a whole request as it goes over the wire, and brings back all that was answered, likewise. */
export type Exchange = (request: Buffer, signal: AbortSignal) => Promise<Buffer>;

/**
 * What node:http takes for the connection to a server: what is written to it goes through the exchange once the request
 * is whole, and what is answered can be read from it. For one request, of which the length is told.
 */
export function tunnel(exchange: Exchange, signal: AbortSignal): Duplex {
  const written: Buffer[] = [];
  let asked = false;
  const answer = async (request: Buffer): Promise<void> => {
    try {
      line.push(await exchange(request, signal));
      line.push(null);
    } catch (error) {
      line.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const line: Duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      written.push(chunk);
      done();
      const request = Buffer.concat(written);
      if (asked || !isWhole(request)) return;
      asked = true;
      void answer(request);
    },
  });
  return line;
}

const endOfHead = "\r\n\r\n";

function isWhole(request: Buffer): boolean {
  const at = request.indexOf(endOfHead);
  if (at < 0) return false;
  const [, length = "0"] = /^content-length: *(\d+)/im.exec(request.toString("latin1", 0, at)) ?? [];
  return request.length - at - endOfHead.length >= Number(length);
}

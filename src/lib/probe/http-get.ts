import { request } from "node:http";
import { request as requestSecurely } from "node:https";
import type { Duplex } from "node:stream";

export interface Reply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Bytes of the body. */
  readonly length: number;
}

interface GetOptions {
  readonly signal: AbortSignal;
  /** Until the last byte of the body, in milliseconds. */
  readonly timeoutMs: number;
  /** Beside those of every request; a Host takes the place of the URL's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** GET where nothing is said. */
  readonly method?: string;
  readonly body?: string;
  /** Bytes of the body after which the rest is of no interest; all of it where nothing is said. */
  readonly most?: number;
}

/** One request, redirects not followed. Rejects with node's own error (`code` ECONNREFUSED …) or the signal's reason. */
export type HttpGet = (url: string, options: GetOptions) => Promise<Reply>;

/** From this machine, by http or https. */
export const httpGet: HttpGet = (url, options) => getOver(undefined, url, options);

/** Through connections that somebody else makes, one a request. */
export function httpGetOver(connect: (signal: AbortSignal) => Duplex): HttpGet {
  return (url, options) => getOver(connect, url, options);
}

/** node:http rather than fetch: no connection is kept, so a replaced server is never asked through an old one. */
function getOver(
  connect: ((signal: AbortSignal) => Duplex) | undefined,
  url: string,
  { signal, timeoutMs, headers, method = "GET", body: sent, most = Infinity }: GetOptions,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const length = sent === undefined ? {} : { "content-length": String(Buffer.byteLength(sent)) };
    const all = { accept: "text/html, */*", ...length, ...headers };
    const line = connect === undefined ? { agent: false } : { createConnection: () => connect(either) };
    const send = url.startsWith("https:") ? requestSecurely : request;
    const asked = send(url, { method, signal: either, headers: all, ...line }, (reply) => {
      const chunks: Buffer[] = [];
      let read = 0;
      const finish = (): void => {
        const body = Buffer.concat(chunks);
        const lines = Object.entries(reply.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: reply.statusCode ?? 0,
          headers: Object.fromEntries(lines) as Record<string, string>,
          body: body.toString("utf8"),
          length: body.length,
        });
      };
      reply.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        read += chunk.length;
        if (read < most) return;
        finish();
        asked.destroy();
      });
      reply.on("error", (error) => reject(either.aborted ? reasonOf(signal, timeoutMs) : error));
      reply.on("end", finish);
    });
    asked.on("error", (error) => reject(either.aborted ? reasonOf(signal, timeoutMs) : error));
    asked.end(sent);
  });
}

function reasonOf(signal: AbortSignal, timeoutMs: number): Error {
  return signal.aborted ? (signal.reason as Error) : new Error(`no complete answer within ${timeoutMs / 1000} s`);
}

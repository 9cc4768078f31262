import { request } from "node:http";

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
}

/** One GET, redirects not followed. Rejects with node's own error (`code` ECONNREFUSED …) or the signal's reason. */
export type HttpGet = (url: string, options: GetOptions) => Promise<Reply>;

/** node:http rather than fetch: no connection is kept, so a replaced server is never asked through an old one. */
export const httpGet: HttpGet = (url, { signal, timeoutMs, headers }) =>
  new Promise((resolve, reject) => {
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const all = { accept: "text/html, */*", ...headers };
    const asked = request(url, { signal: either, agent: false, headers: all }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", (error) => reject(either.aborted ? reasonOf(signal, timeoutMs) : error));
      reply.on("end", () => {
        const body = Buffer.concat(chunks);
        const lines = Object.entries(reply.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: reply.statusCode ?? 0,
          headers: Object.fromEntries(lines) as Record<string, string>,
          body: body.toString("utf8"),
          length: body.length,
        });
      });
    });
    asked.on("error", (error) => reject(either.aborted ? reasonOf(signal, timeoutMs) : error));
    asked.end();
  });

function reasonOf(signal: AbortSignal, timeoutMs: number): Error {
  return signal.aborted ? (signal.reason as Error) : new Error(`no complete answer within ${timeoutMs / 1000} s`);
}

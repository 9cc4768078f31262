import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ThreadsError } from "../errors/threads-error.ts";
import { listenerOn } from "./listener.ts";

/** A server for browsers of this machine and nobody else. */
export interface LocalServer {
  /** With the key in it, without which nothing is answered. */
  readonly url: string;
  /** Rejects with what went wrong in an answer, which was 500 then. */
  readonly broken: Promise<never>;
  /** Ends it with all that it is still answering. */
  close(): Promise<void>;
}

/** A question that may be answered. */
export interface Visit {
  /** What stands behind the key, without a slash: empty for the page itself. */
  readonly path: string;
  readonly words: URLSearchParams;
  /** Aborted when whoever asked has gone. */
  readonly gone: AbortSignal;
  /** Answers with a text. @param type of text: html, javascript */
  answer(type: string, text: string): void;
  /** Goes on answering until whoever asked has gone. @returns what tells them of something: its name, and one line or more */
  stream(): Tell;
  /** There is nothing of that name. */
  refuse(): void;
}

export type Tell = (event: string, text: string) => void;
export type Visited = (visit: Visit) => void;

/** So many bytes wait for a page that reads nothing, as one that a browser has put to sleep: all of them are in memory. */
const mostUnread = 4_000_000;

const loopback = "127.0.0.1";

/**
 * Listens on the loopback address. It answers GET alone, and only where the address has the key, which no page of another
 * site knows, and the name of the host is this machine's: a name of somebody else's that leads here is none.
 * @param port a free one where undefined. @throws ThreadsError PORT_TAKEN (refused)
 */
export async function openLocalServer(port: number | undefined, visited: Visited): Promise<LocalServer> {
  const key = randomBytes(16).toString("hex");
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo;
    const status = refusal(request, { key, port: own });
    if (status !== undefined) refuse(response, status);
    else
      try {
        visited(visitOf(request, response));
      } catch (error) {
        if (response.headersSent) response.destroy();
        else refuse(response, 500);
        broken.reject(error);
      }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(port === undefined ? error : notHad(port, error)));
    server.listen({ host: loopback, port: port ?? 0 }, resolve);
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    broken: broken.promise,
    url: `http://${loopback}:${own}/${key}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @returns the status of an answer that says no more; undefined where the question is one for us */
export function refusal(
  { method, headers, url = "" }: Pick<IncomingMessage, "method" | "headers" | "url">,
  { key, port }: { readonly key: string; readonly port: number },
): number | undefined {
  // Of HTTP's own port a browser does not speak.
  const ends = port === 80 ? ["", ":80"] : [`:${port}`];
  const hosts = [loopback, "localhost"].flatMap((name) => ends.map((end) => `${name}${end}`));
  if (!hosts.includes(headers.host ?? "")) return 421;
  if (method !== "GET") return 405;
  const given = Buffer.from(url.split("/")[1] ?? "");
  return given.length === key.length && timingSafeEqual(given, Buffer.from(key)) ? undefined : 404;
}

/** Nothing is fetched but from here, and nobody else is told of the address, which is a key. */
const headers = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" }).end(`${status}\n`);
}

function visitOf(request: IncomingMessage, response: ServerResponse): Visit {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://here");
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("the browser has gone")));
  return {
    path: pathname.split("/").slice(2).join("/"),
    words: searchParams,
    gone: gone.signal,
    answer: (type, text) => {
      response.writeHead(200, { ...headers, "content-type": `text/${type}; charset=utf-8` }).end(text);
    },
    stream: () => {
      response.writeHead(200, { ...headers, "content-type": "text/event-stream; charset=utf-8" });
      response.flushHeaders();
      return (event, text) => {
        if (response.writableEnded || response.destroyed) return;
        response.write(eventText(event, text));
        // Whoever asks again is told all there is then.
        if (response.writableLength > mostUnread) response.destroy();
      };
    },
    refuse: () => refuse(response, 404),
  };
}

/** As the HTML standard has it: each line of a text is one of data. */
function eventText(event: string, text: string): string {
  const data = text.split(/\r\n|[\r\n]/).map((line) => `data: ${line}`);
  return `event: ${event}\n${data.join("\n")}\n\n`;
}

function notHad(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code === "EACCES")
    return new ThreadsError("PORT_TAKEN", {
      message: `port ${port} of this machine is kept for its administrator`,
      advice: ["choose one above 1023, or leave --port away for one that is free"],
    });
  if (error.code !== "EADDRINUSE") return error;
  const owner = listenerOn(port);
  const by = owner === undefined ? "another program" : `${owner.name} (process ${owner.pid})`;
  return new ThreadsError("PORT_TAKEN", {
    message: `port ${port} is taken by ${by}`,
    next: [owner === undefined ? `ss -ltnp 'sport = :${port}'` : `ps -fp ${owner.pid}`],
    advice: ["leave --port away for one that is free"],
  });
}

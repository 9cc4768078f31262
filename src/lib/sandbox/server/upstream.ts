import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Exchange } from "./exchange.ts";

interface UpstreamReply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query, or a Location that the registry gave. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
}

/** The Distribution registry behind the facade: it keeps the bytes and never sees a tag. */
export interface Upstream {
  send(request: UpstreamRequest): Promise<UpstreamReply>;
  /** Streams the client's request to `path` and the answer back, without holding either in memory. */
  forward(exchange: Exchange, path: string): Promise<void>;
  /** Ends the pooled connections. */
  close(): void;
}

/** Meant for one hop, or between the client and the facade only. */
const ownHeaders = new Set(["authorization", "connection", "host", "keep-alive", "transfer-encoding", "expect"]);

/** @param url `http://host:port` of a registry without authentication, with `relativeurls: true`. */
export function connectUpstream(url: string): Upstream {
  const base = new URL(url);
  const agent = new Agent({ keepAlive: true });
  const open = ({ method, path, headers = {} }: UpstreamRequest) =>
    request({ agent, host: base.hostname, port: base.port, method, path, headers });
  return {
    send: (wanted) =>
      new Promise((resolve, reject) => {
        const outgoing = open({
          ...wanted,
          headers: { "content-length": wanted.body?.length ?? 0, ...wanted.headers },
        });
        outgoing.on("error", reject);
        outgoing.on("response", (response) => void collect(response).then(resolve, reject));
        outgoing.end(wanted.body);
      }),
    async forward(exchange, path) {
      const { method = "GET", headers } = exchange.request;
      const kept = Object.entries(headers).filter(([name]) => !ownHeaders.has(name));
      const outgoing = open({ method, path, headers: Object.fromEntries(kept) });
      const response = new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.on("response", resolve);
        outgoing.on("error", reject);
      });
      // A registry that answers before it has read everything (an error) must not fail the whole exchange.
      const sending = pipeline(exchange.request, outgoing).catch(() => {});
      await relay(exchange, await response);
      await sending;
    },
    close: () => agent.destroy(),
  };
}

async function relay(exchange: Exchange, incoming: IncomingMessage): Promise<void> {
  if (exchange.dropReply === true) {
    await collect(incoming);
    exchange.request.socket.destroy();
    return;
  }
  const kept = Object.entries(incoming.headers).filter(([name]) => !ownHeaders.has(name));
  exchange.response.writeHead(incoming.statusCode ?? 502, Object.fromEntries(kept));
  // A client that goes away in the middle of a layer is its own business.
  await pipeline(incoming, exchange.response).catch(() => incoming.destroy());
}

async function collect(response: IncomingMessage): Promise<UpstreamReply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

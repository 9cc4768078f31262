import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import { answerControl, type Control } from "./control.ts";
import { answerJson, type Dispatch } from "./dispatch.ts";
import { serveLayer } from "./ecr/layers.ts";
import type { EcrParts } from "./ecr/parts.ts";
import { complain, type Exchange, readBody, reply } from "./exchange.ts";
import { ServiceError } from "./protocol.ts";
import { answerQuery, type QueryService } from "./query.ts";
import type { RequestLog } from "./request-log.ts";
import { answerRegistry } from "./v2/registry.ts";

export interface SandboxServer {
  readonly dispatch: Dispatch;
  readonly sts: QueryService;
  readonly ecr: EcrParts;
  readonly control: Control;
}

/** A layer part is at most 20 MiB, 27 MiB in base64; a manifest 4 MiB before escaping. */
const largestBody = 40 * 1024 * 1024;
/** Longer than the SDK keeps an idle socket in its pool: otherwise its next call after a long push meets "socket hang up". */
const keepAlive = 75_000;

/** The one port of the sandbox: AWS JSON 1.1 and query at `POST /`, the registry below `/v2/`, its own pages below `/_sandbox/`. Does not listen yet. */
export function createSandboxServer(parts: SandboxServer): Server {
  const server = createServer((request, response) => {
    const exchange: Exchange = { request, response, requestId: randomUUID() };
    record(exchange, parts.control.log);
    answer(exchange, parts).catch((error: unknown) => {
      complain(exchange, error);
      if (response.headersSent) request.socket.destroy();
      else reply(exchange, { status: 500 });
    });
  });
  server.keepAliveTimeout = keepAlive;
  server.headersTimeout = keepAlive + 5_000;
  // A layer may take longer than Node's five minutes.
  server.requestTimeout = 0;
  return server;
}

async function answer(exchange: Exchange, parts: SandboxServer): Promise<void> {
  const { request } = exchange;
  const path = pathOf(request);
  if (path === "/v2" || path.startsWith("/v2/")) return answerRegistry(parts.ecr, exchange);
  if (path.startsWith("/_sandbox/")) {
    if (await serveLayer(parts.ecr, exchange)) return;
    return answerControl(exchange, parts.control);
  }
  if (path !== "/" || request.method !== "POST") return reply(exchange, { status: 404, body: "not found\n" });
  return answerPost(exchange, parts);
}

async function answerPost(exchange: Exchange, { dispatch, sts }: SandboxServer): Promise<void> {
  let body: Buffer;
  try {
    body = await readBody(exchange.request, largestBody);
  } catch (error) {
    if (error instanceof ServiceError) return reply(exchange, { status: error.status, body: error.message });
    throw error;
  }
  return exchange.request.headers["x-amz-target"] === undefined
    ? answerQuery(exchange, body, { dispatch, service: sts })
    : answerJson(exchange, body, dispatch);
}

/** What a socket had carried when its last request was logged: connections are kept alive over many requests. */
const carried = new WeakMap<Socket, { in: number; out: number }>();

function record(exchange: Exchange, log: RequestLog): void {
  const { request, response } = exchange;
  const { socket } = request;
  const started = performance.now();
  const path = pathOf(request);
  response.on("close", () => {
    // Watching the log must not fill it.
    if (path === "/_sandbox/log" || path === "/_sandbox/health") return;
    const before = carried.get(socket) ?? { in: 0, out: 0 };
    const now = { in: socket.bytesRead, out: socket.bytesWritten };
    carried.set(socket, now);
    log.add({
      at: new Date().toISOString(),
      method: request.method ?? "",
      path,
      ...(exchange.operation === undefined ? {} : { operation: exchange.operation }),
      status: response.headersSent ? response.statusCode : 0,
      bytesIn: now.in - before.in,
      bytesOut: now.out - before.out,
      milliseconds: Math.round(performance.now() - started),
      ...(exchange.fault === undefined ? {} : { fault: exchange.fault }),
      ...(exchange.used === undefined ? {} : { used: exchange.used }),
    });
  });
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

/** Stops accepting, lets what is under way finish for up to `graceMs`, then cuts. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}

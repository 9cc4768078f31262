import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { ServiceError } from "./protocol.ts";
import { nextFault, type Settings } from "./settings.ts";

/** One request on its way through the server. `operation` and `fault` are for the log. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  operation?: string;
  fault?: string;
  /** What a role has used, or was refused: `ssm:PutParameter arn:…`. */
  used?: readonly string[];
  /** Set by a `drop-reply` fault: the effect happens, then the socket is destroyed instead of a reply. */
  dropReply?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** The only way to answer with a body at hand, so that a dropped reply is dropped everywhere. HEAD keeps the length and sends no body. */
export function reply(exchange: Exchange, { status, headers = {}, body = "" }: Reply): void {
  const { request, response } = exchange;
  if (exchange.dropReply === true) {
    request.socket.destroy();
    return;
  }
  response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Reports an error that nobody expected; those of a client that went away are no news. */
export function complain({ request, operation }: Exchange, error: unknown): void {
  if (!request.socket.destroyed) console.error(request.method, operation ?? request.url?.split("?")[0], error);
}

/** @throws ServiceError RequestEntityTooLargeException 413 beyond `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  }
  if (length > limit)
    throw new ServiceError("RequestEntityTooLargeException", `Request is larger than ${limit} bytes`, 413);
  return Buffer.concat(chunks);
}

/**
 * Meets the call with the fault that is set for its operation, if any: throws the error, waits, or marks the reply to be dropped.
 * @throws ServiceError ThrottlingException, ExpiredTokenException or ServerException.
 */
export async function meetFault(exchange: Exchange, operation: string, settings: Settings): Promise<void> {
  exchange.operation = operation;
  const fault = nextFault(settings, operation);
  if (fault === undefined) return;
  exchange.fault = fault.kind;
  switch (fault.kind) {
    case "throttle":
      throw new ServiceError("ThrottlingException", "Rate exceeded");
    case "expired-token":
      throw new ServiceError("ExpiredTokenException", "The security token included in the request is expired");
    case "error-500":
      throw new ServiceError("ServerException", "The server is temporarily unable to process the request.", 500);
    case "delay":
      return sleep(fault.delayMs);
    case "drop-reply":
      exchange.dropReply = true;
  }
}

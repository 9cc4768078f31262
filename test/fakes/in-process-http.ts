import { IncomingMessage, type RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { SSMClient } from "@aws-sdk/client-ssm";

/** What every client of the SDK has as its `requestHandler`. */
type RequestHandler = SSMClient["config"]["requestHandler"];
type Asked = Pick<Parameters<RequestHandler["handle"]>[0], "method" | "path" | "headers" | "body">;
type Response = Awaited<ReturnType<RequestHandler["handle"]>>["response"];

interface Answered {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The SDK's way to a server of this process: the same requests and answers, signatures and all, without a socket and without
 * HTTP as text, which are half of what a call costs. A server that destroys its socket is ECONNRESET here, too.
 * @param listener where a request goes at the moment of the call; undefined where nobody listens
 */
export function inProcess(listener: () => RequestListener | undefined): RequestHandler {
  return {
    handle: async (asked: Asked, options: { readonly abortSignal?: unknown } = {}) => ({
      response: (await send(asked, listener(), options.abortSignal as AbortSignal | undefined)) as Response,
    }),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
}

/** One request. @throws as a socket does: ECONNREFUSED, ECONNRESET; AbortError as the SDK's own handler does */
export function send(asked: Asked, listener: RequestListener | undefined, signal?: AbortSignal): Promise<Answered> {
  if (signal?.aborted === true) return Promise.reject(aborted());
  if (listener === undefined) return Promise.reject(failure("ECONNREFUSED", "connect ECONNREFUSED"));
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const line = new Line();
  const request = requestOf(asked, line);
  let heard = false;
  const response = new Answer(request, (answered) => {
    heard = true;
    resolve(answered);
    line.destroy();
  });
  const giveUp = (): void => {
    reject(aborted());
    line.destroy();
  };
  signal?.addEventListener("abort", giveUp);
  line.once("close", () => {
    signal?.removeEventListener("abort", giveUp);
    response.emit("close");
    if (!heard) reject(failure("ECONNRESET", "socket hang up"));
  });
  listener(request, response);
  return promise;
}

/** Stands where a server looks for a request's socket. */
class Line extends Duplex {
  readonly bytesRead = 0;
  readonly bytesWritten = 0;
  override _read(): void {}
}

function requestOf({ method, path, headers, body }: Asked, line: Line): IncomingMessage {
  const request = new IncomingMessage(line as unknown as Socket);
  request.method = method;
  request.url = path;
  for (const [name, value] of Object.entries(headers as Record<string, string>))
    request.headers[name.toLowerCase()] = value;
  request.push(body);
  request.push(null);
  // One that is read before all of it has come takes its socket with it.
  request.complete = true;
  return request;
}

/** Hands over what the server says when it has said all. */
class Answer extends ServerResponse {
  readonly #hear: (answered: Answered) => void;

  constructor(request: IncomingMessage, hear: (answered: Answered) => void) {
    super(request);
    this.#hear = hear;
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    const given = Object.entries((rest.at(-1) ?? {}) as Record<string, string>);
    for (const [name, value] of given) this.setHeader(name, value);
    if (!this.hasHeader("date")) this.setHeader("date", new Date().toUTCString());
    return super.writeHead(status);
  }

  override end(body?: unknown): this {
    const headers = Object.fromEntries(Object.entries(this.getHeaders()).map(([name, value]) => [name, String(value)]));
    const answered = { statusCode: this.statusCode, headers, body: Buffer.from((body ?? "") as string) };
    // As over a socket, nobody hears an answer before whoever gave it has gone on.
    setImmediate(() => this.#hear(answered));
    return this;
  }
}

function aborted(): Error {
  return Object.assign(new Error("Request aborted"), { name: "AbortError" });
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

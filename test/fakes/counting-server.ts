import { createServer as createPlain, request as requestPlain, type RequestOptions } from "node:http";
import { createServer as createSecure, request as requestSecure } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Endpoint } from "../../src/lib/aws/early/sockets.ts";
import { localhostCertificate } from "./localhost-certificate.ts";

/** A web server that numbers its connections, and answers each request with the number of the one that brought it. */
export interface CountingServer extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Connections ready for a request, from the first on: with TLS, after the handshake. */
  readonly opened: Socket[];
  /** Resolves when so many are open. */
  reached(count: number): Promise<void>;
}

/** @param secure with TLS, and a certificate that only those trust who are told to */
export async function countingServer({ secure }: { readonly secure: boolean }): Promise<CountingServer> {
  const opened: Socket[] = [];
  const all = new Set<Socket>();
  const waiting = new Set<() => void>();
  const answer: Parameters<typeof createPlain>[1] = (request, response) =>
    response.end(String(opened.indexOf(request.socket)));
  const server = secure ? createSecure(localhostCertificate, answer) : createPlain(answer);
  server.on("connection", (socket: Socket) => all.add(socket.on("error", () => undefined)));
  server.on(secure ? "secureConnection" : "connection", (socket: Socket) => {
    opened.push(socket);
    for (const look of waiting) look();
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    endpoint: { host: "localhost", port: (server.address() as AddressInfo).port, secure },
    opened,
    reached: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (opened.length >= count && waiting.delete(look)) resolve();
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of all) socket.destroy();
      }),
  };
}

/** One GET. @returns the body; rejects as the request does */
export function get({ host, port, secure }: Endpoint, options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = (secure ? requestSecure : requestPlain)({ host, port, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve(body));
    });
    request.on("error", reject).end();
  });
}

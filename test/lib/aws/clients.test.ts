import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AwsClients, awsClients } from "../../../src/lib/aws/clients.ts";
import { kindOf } from "../../../src/lib/aws/failure.ts";

/** A server that takes every connection and never says a word. */
let silent: { readonly port: number; close(): Promise<void> };
beforeEach(async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  silent = {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
});
afterEach(() => silent.close());

/** As far as an SDK client shows how it sends. */
interface Client {
  readonly config: {
    readonly requestHandler: {
      handle(request: object): Promise<unknown>;
      updateHttpClientConfig(key: string, value: number): void;
      httpHandlerConfigs(): { readonly connectionTimeout?: number; readonly socketTimeout?: number };
    };
  };
}

test.each(["ecr", "ssm", "ssmOnce", "sts", "logs", "ecs"] as const satisfies (keyof AwsClients)[])(
  "%s does not wait for ever for an answer, nor for a connection",
  async (name) => {
    const { requestHandler } = ((await awsClients({ region: "eu-west-1" })[name]()) as unknown as Client).config;
    const request = { protocol: "http:", hostname: "127.0.0.1", port: silent.port, path: "/", method: "GET" };
    // The first request settles the configuration; its own time is not waited for.
    const first = requestHandler.handle({ ...request, headers: {} }).catch(() => undefined);
    await new Promise(setImmediate);
    const { connectionTimeout = Infinity, socketTimeout = Infinity } = requestHandler.httpHandlerConfigs();
    expect(connectionTimeout).toBeLessThanOrEqual(5_000);
    expect(socketTimeout).toBeLessThanOrEqual(30_000);
    // The same time, made short: it ends a request, and does not only warn.
    requestHandler.updateHttpClientConfig("socketTimeout", 10);
    const failure = await requestHandler.handle({ ...request, headers: {} }).catch((error: unknown) => error);
    expect(kindOf(failure)).toBe("lost");
    await silent.close();
    await first;
  },
);

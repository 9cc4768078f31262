import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { httpGet } from "../../../src/lib/probe/http-get.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

it("reads no more of a body than is of interest, though it never ends", async () => {
  const endless = createServer((_, response) => {
    response.writeHead(206, { "content-type": "video/mp4" });
    response.write("x".repeat(2000));
  });
  server = endless;
  await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(endless.address() as AddressInfo).port}/v.mp4`;
  const reply = await httpGet(url, { signal: new AbortController().signal, timeoutMs: 60_000, most: 1024 });
  expect(reply).toMatchObject({ status: 206, headers: { "content-type": "video/mp4" }, length: 2000 });
});

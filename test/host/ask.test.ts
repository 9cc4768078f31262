import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AskReport, parseAskReport, unpackReplies } from "../../src/lib/script/ask-report.ts";
import { type AskScript, askScript } from "../../src/lib/script/ask-script.ts";
import { renderScript } from "../../src/lib/script/render.ts";
import { unusedPort } from "../fakes/unused-port.ts";
import { StubHost } from "./host.ts";

// ask.sh under a real bash, in front of a real server.

const host = new StubHost();
const page = `<title>${"a page that is read whole ".repeat(200)}</title>`;
const picture = randomBytes(300_000);
const noise = randomBytes(90_000).toString("base64");
let server: Server;
let port = 0;
beforeAll(async () => {
  await host.open();
  mkdirSync(host.root, { recursive: true });
  server = createServer((request, response) => {
    const { url = "", headers } = request;
    if (url === "/") return response.writeHead(200, { "Content-Type": "text/html" }).end(page);
    if (url === "/who") return response.writeHead(200, { "Content-Type": "text/plain" }).end(headers.host);
    if (url === "/picture")
      return response.writeHead(200, { "Content-Type": "image/png", "Content-Length": picture.length }).end(picture);
    if (url === "/noise")
      return response.writeHead(200, { "Content-Type": "application/json", "Content-Length": noise.length }).end(noise);
    if (url === "/long") return response.writeHead(200).end(Buffer.alloc(9 * 1024 * 1024));
    if (url === "/late") return undefined;
    return request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await host.close();
});

const get = (path: string, name = "localhost"): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);

async function ask(change: Partial<AskScript>): Promise<AskReport> {
  const script = askScript({
    app: "app",
    nonce: "n1",
    port,
    requests: [],
    key: "k1",
    offset: 0,
    limitMs: 30_000,
    ...change,
  });
  const ran = await host.run(renderScript(script));
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
  expect(ran.stdout.length).toBeLessThan(24_000);
  const report = parseAskReport(ran.stdout, "n1");
  if (report === undefined) throw new Error(`no report: ${ran.stdout}`);
  return report;
}
const repliesOf = ({ piece, replies }: AskReport): string[] =>
  unpackReplies(piece, replies).map((reply) => reply.toString("latin1"));
const bodyOf = (reply = ""): string => reply.slice(reply.indexOf("\r\n\r\n") + 4);

test("each request is answered as it was asked, in order", async () => {
  const [whole, who] = repliesOf(await ask({ requests: [get("/"), get("/who", "www.example.com")] }));
  expect(whole).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(bodyOf(whole)).toContain(page);
  expect(bodyOf(who)).toContain("www.example.com");
});

test("of what nobody reads only the length comes", async () => {
  const [reply] = repliesOf(await ask({ requests: [get("/picture")] }));
  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: image\/png\r\nContent-Length: 300000\r\n/);
  expect(bodyOf(reply)).toBe("\0".repeat(300_000));
});

test("what SSM has no room for comes in pieces, and is gone from the host with the last", async () => {
  const first = await ask({ requests: [get("/noise")] });
  expect(first.size).toBeGreaterThan(60_000);
  let packed = first.piece;
  while (packed.length < first.size) packed += (await ask({ offset: packed.length })).piece;
  const [reply] = unpackReplies(packed, first.replies);
  const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
  expect(digest(reply?.toString("latin1").split("\r\n\r\n")[1] ?? "")).toBe(digest(noise));
  expect(await ask({ offset: 1 })).toMatchObject({ end: "gone", piece: "" });
});

test("no answer is told from a bad one", async () => {
  const unused = await unusedPort();
  const none = { bytes: 0 };
  expect(await ask({ port: unused, requests: [get("/")] })).toMatchObject({ replies: [{ end: "refused", ...none }] });
  const requests = [get("/late"), get("/long"), get("/who")];
  expect((await ask({ requests, limitMs: 1_000 })).replies.map(({ end }) => end)).toEqual(["late", "long", "answered"]);
});

test("a host without a program that is needed says so", async () => {
  const ran = await host.run(
    renderScript(
      askScript({ app: "app", nonce: "n1", port, requests: [get("/")], key: "k1", offset: 0, limitMs: 1_000 }),
    ).replace("missing=''", "missing='base64 (package coreutils)'"),
  );
  expect(parseAskReport(ran.stdout, "n1")).toMatchObject({
    end: "lacking",
    message: "this host lacks base64 (package coreutils)",
  });
});

test("an answer to another question, or half of one, is none", async () => {
  const { stdout } = await host.run(
    renderScript(
      askScript({ app: "app", nonce: "n2", port, requests: [get("/who")], key: "k1", offset: 0, limitMs: 1_000 }),
    ),
  );
  expect(parseAskReport(stdout, "n1")).toBeUndefined();
  expect(parseAskReport(stdout.split("\n")[0]!.slice(0, -2), "n2")).toBeUndefined();
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { runChecks } from "../../../src/lib/probe/checks.ts";
import { httpGet } from "../../../src/lib/probe/http-get.ts";
import { aCheck } from "../../fakes/config.ts";

interface Heard {
  readonly line: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Says what it was asked: as JSON, or on /old where it is now. */
let heard: Heard[] = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    heard.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    if (request.url === "/old") return response.writeHead(302, { location: "/new" }).end();
    if (request.url === "/text") return response.end("hello");
    const answer = { status: "ok", items: [{ id: 7, name: null }], "a.b": 1 };
    return response.writeHead(request.method === "POST" ? 201 : 200).end(JSON.stringify(answer));
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

const look = async (path: string, more: object = {}) => {
  heard = [];
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const exec = (): never => {
    throw new Error("no command was expected");
  };
  const ports = { get: httpGet, exec, clock: systemClock, signal: new AbortController().signal };
  const checks = [aCheck({ path, ...more })];
  const [seen] = await runChecks({ base, checks, revision: "r", timeoutMs: 60_000 }, ports);
  return seen;
};

describe("a request", () => {
  it("has the method, headers and body of its check", async () => {
    const more = { method: "POST", status: 201, headers: { Authorization: "Bearer x" }, host: "www.example.com" };
    expect(await look("/posts", { ...more, body: { text: "é" } })).toMatchObject({ ok: true, status: 201 });
    expect(heard).toMatchObject([
      {
        line: "POST /posts",
        body: '{"text":"é"}',
        headers: {
          "content-type": "application/json",
          "content-length": "13",
          authorization: "Bearer x",
          host: "www.example.com",
        },
      },
    ]);
    await look("/posts", { ...more, body: "a=1", headers: { "Content-Type": "application/x-www-form-urlencoded" } });
    expect(heard).toMatchObject([{ body: "a=1", headers: { "content-type": "application/x-www-form-urlencoded" } }]);
  });

  it.each<[string, object, true | string]>([
    ["/", { json: { status: "ok", "items.0.id": 7, "items.0.name": null } }, true],
    ["/", { json: { status: "down" } }, 'status is "ok", expected "down"'],
    ["/", { json: { "items.0.id": "7" } }, 'items.0.id is 7, expected "7"'],
    ["/", { json: { "items.1.id": 7 } }, "items.1.id is missing, expected 7"],
    ["/", { json: { "status.length": 2 } }, "status.length is missing, expected 2"],
    ["/", { json: { items: "none" } }, 'items is [{"id":7,"name":null}], expected "none"'],
    ["/text", { json: { status: "ok" } }, "the body is no JSON"],
    ["/old", { status: 302, location: "/new" }, true],
    ["/old", { status: 302, location: "/login/" }, "redirects to /new, expected /login/"],
    ["/text", { location: "/new" }, "no Location in the answer"],
    ["/old", {}, "status 302 (redirects to /new), expected 200"],
  ])("to %s with %j: %s", async (path, more, expected) => {
    const good = expected === true;
    expect(await look(path, more)).toMatchObject({ ok: good, detail: good ? "as expected" : expected });
  });
});

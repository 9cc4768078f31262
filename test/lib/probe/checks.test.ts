import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/lib/clock/clock.ts";
import type { CheckConfig } from "../../../src/lib/config/config.ts";
import type { CheckResult, RunIn } from "../../../src/lib/probe/check.ts";
import { runChecks } from "../../../src/lib/probe/checks.ts";
import { httpGet } from "../../../src/lib/probe/http-get.ts";
import { aCheck } from "../../fakes/config.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const revision = "a".repeat(40);
const css = "/static/site.1f0e2d3c4b5a.css";
const good: Record<string, Answer> = {
  "/healthz": { headers: { "x-release": revision }, body: '{"status":"ok"}' },
  "/": { headers: { "x-release": revision }, body: `<link rel="stylesheet" href="${css}">` },
  [css]: { headers: { "content-type": "text/css", "x-release": revision }, body: "a{}" },
};
const check = (path: string, more: Omit<Parameters<typeof aCheck>[0], "path"> = {}): CheckConfig =>
  aCheck({ path, ...more });

function serve(answers: Record<string, Answer>, port = 0): Promise<number> {
  const made = createServer((request, response) => {
    const { status = 200, headers = {}, body = "" } = answers[request.url ?? ""] ?? { status: 404 };
    response.writeHead(status, headers).end(body);
  });
  server = made;
  return new Promise((resolve) => made.listen(port, "127.0.0.1", () => resolve((made.address() as AddressInfo).port)));
}

interface How {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly exec?: RunIn;
}

const noCommand: RunIn = () => Promise.reject(new Error("no command was expected"));

const run = (port: number, checks: CheckConfig[], more: How = {}) =>
  runChecks(
    { base: `http://127.0.0.1:${port}`, checks, revision, timeoutMs: more.timeoutMs ?? 60_000 },
    {
      get: httpGet,
      exec: more.exec ?? noCommand,
      clock: more.clock ?? systemClock,
      signal: more.signal ?? new AbortController().signal,
    },
  );
const only = async (answers: Record<string, Answer>, one: CheckConfig): Promise<CheckResult | undefined> =>
  (await run(await serve(answers), [one]))[0];

describe("an application that answers to its own name only", () => {
  it("is asked by that name, for its page and for what the page names", async () => {
    const heard: string[] = [];
    // Its own name is in its pages, too.
    const page = `<link rel="stylesheet" href="https://www.example.com${css}">`;
    const named: typeof good = { ...good, "/": { ...good["/"], body: page } };
    const port = await new Promise<number>((resolve) => {
      const strict = createServer((request, response) => {
        heard.push(`${request.url} ${request.headers.host}`);
        const { headers = {}, body = "" } = named[request.url ?? ""] ?? {};
        response.writeHead(request.headers.host === "www.example.com" ? 200 : 400, headers).end(body);
      });
      server = strict;
      strict.listen(0, "127.0.0.1", () => resolve((strict.address() as AddressInfo).port));
    });
    const [seen] = await run(port, [check("/", { host: "www.example.com", assets: true })]);
    expect(seen).toMatchObject({ ok: true, detail: "1 asset" });
    expect(heard).toEqual(["/ www.example.com", `${css} www.example.com`]);
  });
});

describe("a good stack", () => {
  it("gives a result for each check, in order", async () => {
    const results = await run(await serve(good), [check("/"), check("/healthz"), check("/", { assets: true })]);
    expect(results.map(({ path, status, ok, detail }) => `${path} ${status} ${ok} ${detail}`)).toEqual([
      "/ 200 true release matches",
      "/healthz 200 true release matches",
      "/ 200 true 1 asset",
    ]);
    expect(results.every(({ tookMs }) => tookMs >= 0)).toBe(true);
  });
});

describe("a bad one", () => {
  it.each<[string, Record<string, Answer>, CheckConfig, string]>([
    ["status", {}, check("/healthz"), "status 404, expected 200"],
    [
      "redirect, not followed",
      { "/": { status: 301, headers: { location: "https://x/" } } },
      check("/"),
      "status 301 (redirects to https://x/), expected 200",
    ],
    [
      "old container that answers for the new one",
      { "/": { headers: { "x-release": "old" } } },
      check("/"),
      `X-Release is old, expected ${revision}: another build answers`,
    ],
    [
      "no release where it must",
      { "/": {} },
      check("/", { release: true }),
      `X-Release is missing, expected ${revision}`,
    ],
    ["wrong contents", good, check("/healthz", { contains: "up" }), 'the body does not contain "up"'],
    [
      "page that names no asset",
      good,
      check("/healthz", { assets: true }),
      "the page names no stylesheet, script or image of its own",
    ],
    [
      "asset that is not there",
      { ...good, [css]: { status: 404 } },
      check("/", { assets: true }),
      `stylesheet ${css}: status 404`,
    ],
    [
      "asset that is an error page",
      { ...good, [css]: { headers: { "content-type": "text/html" }, body: "sorry" } },
      check("/", { assets: true }),
      `stylesheet ${css}: content type text/html`,
    ],
    [
      "empty asset",
      { ...good, [css]: { headers: { "content-type": "text/css" } } },
      check("/", { assets: true }),
      `stylesheet ${css}: empty`,
    ],
    [
      "asset of another release",
      { ...good, [css]: { headers: { "content-type": "text/css", "x-release": "old" }, body: "a" } },
      check("/", { assets: true }),
      `stylesheet ${css}: X-Release is old`,
    ],
    [
      "asset without a hash",
      {
        "/": { headers: { "x-release": revision }, body: '<script src="/a.js"></script>' },
        "/a.js": { headers: { "content-type": "text/javascript" }, body: "1" },
      },
      check("/", { assets: true, hashed: true }),
      "script /a.js: no hash in its name, so caches may serve an old one",
    ],
  ])("%s", async (_name, answers, one, detail) => {
    expect(await only(answers, one)).toMatchObject({ ok: false, detail });
  });
});

describe("a stack that expects other things", () => {
  it("takes another status, and no release where none is asked for", async () => {
    expect(await only({}, check("/nothing", { status: 404, release: false }))).toMatchObject({ ok: true, status: 404 });
  });
});

describe("connections", () => {
  it("waits for the port to open", async () => {
    const port = await serve(good);
    const closed = server;
    await new Promise((resolve) => closed?.close(resolve));
    let refused = 0;
    const sleep: Clock["sleep"] = async () => {
      refused += 1;
      if (refused === 2) await serve(good, port);
    };
    const clock = { ...systemClock, sleep };
    expect(await run(port, [check("/healthz")], { clock })).toMatchObject([{ ok: true }]);
    expect(refused).toBe(2);
  });

  it("gives up at the deadline", async () => {
    const port = await serve(good);
    const closed = server;
    await new Promise((resolve) => closed?.close(resolve));
    expect(await run(port, [check("/healthz")], { clock: hurriedClock() })).toMatchObject([
      { ok: false, status: 0, detail: expect.stringContaining("ECONNREFUSED") as string },
    ]);
  });

  it("does not try again once anything has answered: a server that drops connections is a failure", async () => {
    let asked = 0;
    const port = await serve(good);
    server?.removeAllListeners("request");
    server?.on("request", (request, response) => {
      asked += 1;
      if (request.url === "/") response.writeHead(200, good["/"]?.headers).end(good["/"]?.body);
      else request.socket.destroy();
    });
    expect(await run(port, [check("/", { assets: true })])).toMatchObject([{ ok: false }]);
    expect(asked).toBe(2);
  });

  it("ends a server that never finishes its answer", async () => {
    const port = await serve(good);
    server?.removeAllListeners("request");
    server?.on("request", (_request, response) => response.writeHead(200).write("half"));
    expect(await run(port, [check("/healthz")], { timeoutMs: 300 })).toMatchObject([
      { ok: false, detail: expect.stringMatching(/^no answer: no complete answer within 0\.\d+ s$/) as string },
    ]);
  });

  it("rejects with the reason of the signal", async () => {
    const port = await serve(good);
    server?.removeAllListeners("request");
    const stop = new AbortController();
    server?.on("request", () => stop.abort(new Error("interrupted")));
    await expect(run(port, [check("/healthz")], { signal: stop.signal })).rejects.toThrow("interrupted");
  });
});

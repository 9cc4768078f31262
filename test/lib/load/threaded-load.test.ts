import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createListener, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Load, LoadNow, LoadReport, LoadRequest } from "../../../src/lib/load/load.ts";
import { threadedLoad } from "../../../src/lib/load/threaded-load.ts";

// The worker itself, in front of a server that does what a test tells it to.

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

let server: Server;
let base: string;
let answer: Answer;
beforeEach(async () => {
  answer = (_, response) => response.end("ok");
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const request = (path: string, change: Partial<LoadRequest> = {}): LoadRequest => ({
  path,
  method: "GET",
  headers: {},
  status: 200,
  weight: 1,
  ...change,
});
const load = (change: Partial<Load> = {}): Load => ({
  targets: [{ name: "one", base }],
  requests: [request("/")],
  rate: 100,
  durationMs: 500,
  timeoutMs: 20_000,
  ...change,
});
const run = (of: Load, signal = new AbortController().signal, onTick: (now: LoadNow) => void = () => undefined) =>
  threadedLoad(of, { signal, onTick });

describe("at a constant rate", () => {
  test("so many requests are made as the rate and the time say, each with its method, headers and body", async () => {
    const seen: object[] = [];
    answer = (asked, response) => {
      asked.setEncoding("utf8");
      let body = "";
      asked.on("data", (text: string) => (body += text));
      asked.on("end", () => {
        const { method, url, headers } = asked;
        seen.push({ method, url, host: headers.host, type: headers["content-type"], body });
        response.writeHead(201, { "X-Release": "abc" }).end("made");
      });
    };
    const headers = { host: "www.example.com", "content-type": "text/plain" };
    const report = await run(
      load({ requests: [request("/a?b=c", { method: "POST", headers, body: "häh", status: 201 })] }),
    );
    expect(seen).toHaveLength(50);
    expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(
      new Set([
        JSON.stringify({ method: "POST", url: "/a?b=c", host: "www.example.com", type: "text/plain", body: "häh" }),
      ]),
    );
    expect(report).toMatchObject({ total: { requests: 50, errors: 0 }, errors: [], releases: { abc: 50 } });
    expect(report.seconds.reduce((sum, { requests }) => sum + requests, 0)).toBe(50);
  });

  test("a stall keeps everybody waiting who comes meanwhile, and all of them count", async () => {
    // The first twenty are answered at once; then nobody is until thirty wait. Whoever asks only after an answer never comes to that.
    const held: ServerResponse[] = [];
    let count = 0;
    answer = (_, response) => {
      count += 1;
      if (count <= 20 || count > 50) response.end("ok");
      else held.push(response);
      if (count === 50) for (const one of held) one.end("late");
    };
    const { total } = await run(load({ durationMs: 1000 }));
    expect(total).toMatchObject({ requests: 100, errors: 0 });
    // The first of them was due 290 ms before the last, the tenth 200 ms.
    expect(total.maxMs).toBeGreaterThan(280);
    expect(total.p90Ms).toBeGreaterThan(180);
  });

  test("it is told each second how it stands", async () => {
    const ticks: LoadNow[] = [];
    const abort = new AbortController();
    await run(load({ durationMs: 600_000, rate: 20 }), abort.signal, (now) => {
      ticks.push(now);
      if (now.total.requests > (ticks[0]?.total.requests ?? 0)) abort.abort();
    });
    const [first, last] = [ticks[0], ticks.at(-1)];
    expect(last?.total.requests).toBeGreaterThan(first?.total.requests ?? Infinity);
    expect(last?.elapsedMs).toBeGreaterThan(first?.elapsedMs ?? Infinity);
  });
});

describe("what goes wrong", () => {
  const kinds = async (of: Load): Promise<LoadReport["errors"]> => (await run(of)).errors;

  test("is counted by its kind, by request and by target", async () => {
    answer = (asked, response) => {
      if (asked.url === "/wrong") return response.writeHead(502).end();
      if (asked.url === "/broken") return asked.socket.destroy();
      return response.end("ok");
    };
    const requests = [request("/"), request("/wrong", { weight: 2 }), request("/broken")];
    const targets = [
      { name: "one", base },
      { name: "two", base },
    ];
    const report = await run(load({ requests, targets, rate: 80, durationMs: 500 }));
    expect(report.total).toMatchObject({ requests: 40, errors: 30 });
    expect(report.requests.map((one) => [one.requests, one.errors])).toEqual([
      [10, 0],
      [20, 20],
      [10, 10],
    ]);
    expect(report.targets.map((one) => [one.requests, one.errors])).toEqual([
      [20, 15],
      [20, 15],
    ]);
    expect(report.errors).toEqual([
      { says: "status 502", count: 20 },
      { says: "connection broken off", count: 10 },
    ]);
    // A connection that breaks says nothing of how long people wait.
    expect(report.requests[2]).toMatchObject({ p50Ms: null, maxMs: null });
  });

  test("may be that nobody listens", async () => {
    const nobody = createListener();
    await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
    const { port } = nobody.address() as AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    const targets = [{ name: "nobody", base: `http://127.0.0.1:${port}` }];
    expect(await kinds(load({ targets, rate: 20 }))).toEqual([{ says: "connection refused", count: 10 }]);
  });

  test("may be that no answer comes in time, or not all of it", async () => {
    answer = (asked, response) => (asked.url === "/half" ? response.write("half") : undefined);
    const requests = [request("/never"), request("/half")];
    const report = await run(load({ requests, rate: 20, timeoutMs: 300 }));
    expect(report.errors).toEqual([{ says: "no answer within 0.3 s", count: 10 }]);
    expect(report.total.p50Ms).toBeGreaterThanOrEqual(299);
  });

  test("is no connection that the server has closed while it was idle: it is asked once more", async () => {
    const used = new WeakSet<object>();
    answer = (asked, response) => {
      if (used.has(asked.socket)) return asked.socket.resetAndDestroy();
      used.add(asked.socket);
      return response.end("ok");
    };
    const report = await run(load({ rate: 20 }));
    expect(report).toMatchObject({ total: { requests: 10, errors: 0 }, errors: [] });
  });
});

test("whoever ends it gets what was counted until then", async () => {
  const abort = new AbortController();
  let counted = 0;
  const report = await run(load({ durationMs: 600_000 }), abort.signal, ({ total }) => {
    counted = total.requests;
    if (counted > 0) abort.abort();
  });
  expect(report.total.requests).toBeGreaterThanOrEqual(counted);
  expect(report.total.errors).toBe(0);
  expect(report.tookMs).toBeLessThan(600_000);
});

test("whoever has enough gets what is under way then, too", async () => {
  const [abort, enough] = [new AbortController().signal, new AbortController()];
  const held: ServerResponse[] = [];
  answer = (_, response) => {
    held.push(response);
    if (held.length === 5) enough.abort();
  };
  const waiting = threadedLoad(load({ durationMs: 600_000, rate: 20 }), {
    signal: abort,
    enough: enough.signal,
    onTick: () => {
      if (enough.signal.aborted) for (const one of held) one.writeHead(500).end();
    },
  });
  const { total, tookMs } = await waiting;
  expect(total.requests).toBe(held.length);
  expect(total).toMatchObject({ requests: total.errors });
  expect(tookMs).toBeLessThan(600_000);
});

test("it is counted by as much time as the load says", async () => {
  const { seconds } = await run(load({ everyMs: 100, durationMs: 1000, rate: 50 }));
  expect(seconds).toHaveLength(10);
  expect(seconds.map(({ requests }) => requests)).toEqual(Array.from({ length: 10 }, () => 5));
});

test("an address that is none is told at once", async () => {
  await expect(run(load({ targets: [{ name: "x", base: "nowhere" }] }))).rejects.toThrow("Invalid URL");
});

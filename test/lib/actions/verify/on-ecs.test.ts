import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { VerifyResult } from "../../../../src/lib/actions/verify/result.ts";
import { verify, type VerifyPorts } from "../../../../src/lib/actions/verify/run.ts";
import { systemClock } from "../../../../src/lib/clock/clock.ts";
import type { Evidence } from "../../../../src/lib/ledger/evidence.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import { openWays } from "../../../../src/lib/wire/ways.ts";
import { aConfig } from "../../../fakes/config.ts";
import { sha } from "../../../fakes/fleet.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { give, orderOf } from "../../tasks/orders.ts";
import { openWorld, type OpenWorld } from "../../tasks/world.ts";
import { unusedPort } from "../../../fakes/unused-port.ts";

// `threads verify` of an environment on ECS: its tasks are the sandbox's, and a server stands for the load balancer.

let world: OpenWorld;
let server: Server;
let url: string;
/** What the load balancer answers, by path; and what it was asked. */
let release: string;
let status: number;
const asked: { readonly path: string; readonly host: string; readonly proto: string }[] = [];
const attested: [string, Evidence][] = [];
let latest = 1;

beforeEach(async () => {
  world = await openWorld();
  await give(world.target, orderOf(1, "one"));
  [release, status, latest] = [sha("one"), 200, 1];
  asked.length = 0;
  attested.length = 0;
  server = createServer(({ url: path = "", headers }, reply) => {
    asked.push({ path, host: headers.host ?? "", proto: String(headers["x-forwarded-proto"] ?? "") });
    reply.writeHead(status, { "x-release": release }).end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await world.close();
});

function ports(change: { readonly url?: string; readonly runtime?: object } = {}): VerifyPorts {
  const { checks } = aConfig({ checks: [{ path: "/healthz" }, { path: "/", contains: "hello" }] });
  const own = { ...world.environment, ...("url" in change ? change : { url }) } as OpenWorld["environment"];
  const runtime = { ...world.config.runtime, ...change.runtime };
  const config = { ...world.config, checks, runtime, environments: { prod: own } };
  const { intent } = orderOf(latest, "one");
  const outcome = { result: "succeeded" } as never;
  const signal = new AbortController().signal;
  const noRemote = new Proxy({}, { get: () => () => Promise.reject(new Error("no host is there")) }) as never;
  return {
    config,
    clock: systemClock,
    signal,
    progress: silentProgress,
    author: { user: "ada", host: "laptop" },
    version: "1.0.0",
    targetOf: async () => world.target,
    waysTo: openWays(config, { clock: systemClock, signal, env: {}, remote: noRemote }),
    ledger: {
      deploymentLog: async () => ({
        deployments: [{ intent, outcome }],
        folded: [],
        unread: 0,
        unreadable: [],
        serverTime: world.state.now,
      }),
      attest: async (bundle, evidence) => {
        attested.push([bundle, evidence]);
        return "new" as never;
      },
    },
  };
}
const run = async (of = ports(), dryRun = false): Promise<VerifyResult> =>
  asPrinted("verify", await verify({ environment: "prod", dryRun }, of));

test("is asked by the address that people know, its tasks are compared with the ledger, and that is on record", async () => {
  const result = await run(ports({ runtime: { host: "www.example.com", forwardedProto: "https" } }));
  expect(result).toMatchObject({
    outcome: "passed",
    recorded: true,
    hosts: [
      {
        id: "ecs:shop/shop-prod",
        verdict: "passed",
        says: "",
        checks: [
          { path: "/healthz", ok: true, detail: "release matches" },
          { path: "/", ok: true },
        ],
      },
    ],
  });
  // Its own name, and the scheme by which whatever stands in front of it is asked.
  expect(asked.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual(
    ["/", "/healthz"].map((path) => ({ path, host: new URL(url).host, proto: "https" })),
  );
  expect(attested).toMatchObject([
    [
      orderOf(1, "one").intent.bundle.digest,
      { kind: "verify", environment: "prod", checks: [{ path: "/healthz" }, { path: "/" }] },
    ],
  ]);
});

test("another release that answers is wrong, and what to do about it is told", async () => {
  release = sha("two");
  const result = await run();
  expect(result).toMatchObject({
    outcome: "failed",
    recorded: false,
    next: ["threads logs -e prod --since 10m", "threads status -e prod", "threads rollback -e prod"],
  });
  expect(result.outcome === "failed" && result.hosts[0]?.checks[0]?.detail).toContain("another build answers");
  expect(attested).toEqual([]);
});

test("a task that runs something else is wrong, whatever answers", async () => {
  await world.meddle();
  await world.looks(60);
  const result = await run();
  expect(result).toMatchObject({ outcome: "failed", recorded: false, hosts: [{ verdict: "failed" }] });
  expect(result.outcome === "failed" && result.hosts[0]?.says).not.toBe("");
});

test("one that does not answer from here is neither right nor wrong", async () => {
  const nowhere = `http://127.0.0.1:${await unusedPort()}`;
  const began = systemClock.now();
  expect(await run(ports({ url: nowhere }))).toMatchObject({
    outcome: "unread",
    recorded: false,
    hosts: [{ verdict: "unread", says: expect.stringContaining(`${nowhere} does not answer from here: `), checks: [] }],
  });
  // No port is waited for that nobody opens.
  expect(systemClock.now() - began).toBeLessThan(10_000);
});

test("one that answers badly is wrong", async () => {
  status = 500;
  expect(await run()).toMatchObject({
    outcome: "failed",
    hosts: [{ verdict: "failed", checks: [{ status: 500 }, {}] }],
  });
});

test("without an address it is refused before anything is asked, a dry run as well", async () => {
  for (const dryRun of [false, true])
    await expect(run(ports({ url: undefined as never }), dryRun)).rejects.toMatchObject({
      code: "NO_URL",
      exitCode: 3,
      message: expect.stringMatching(
        /^prod runs on ECS, where it is asked by the address that people know, and it has no url in /,
      ),
      next: ["threads status -e prod"],
      advice: ["write below environments.prod: url: https://…"],
    });
});

test("a dry run asks nobody", async () => {
  expect(await run(ports(), true)).toMatchObject({ outcome: "planned", checks: ["/healthz", "/"] });
  expect(asked).toEqual([]);
});

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { StressResult } from "../../../../src/lib/actions/stress/result.ts";
import { stress, type StressOptions, type StressPorts } from "../../../../src/lib/actions/stress/run.ts";
import { parseBudget } from "../../../../src/lib/config/budget.ts";
import { threadedLoad } from "../../../../src/lib/load/threaded-load.ts";
import { openMemberStats } from "../../../../src/lib/wire/member-stats.ts";
import { aConfig } from "../../../fakes/config.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { manualClock } from "../../../fakes/manual-clock.ts";
import { asPrinted } from "../../../fakes/results.ts";

// Real requests to a server each; the hosts and the ledger are simulated.

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

let fleet: Fleet;
let servers: Server[];
let release: string;
let answer: Answer;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
  fleet.publish("two");
  await deployed("one");
  for (const host of fleet.hosts) host.seen.length = 0;
  answer = (_, response) => response.writeHead(200, { "X-Release": release }).end("ok");
  servers = await Promise.all(fleet.hosts.map(() => listening()));
});
afterEach(async () => {
  await fleet.close();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(): Promise<Server> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function deployed(word: string): Promise<void> {
  release = sha(word);
  const options = { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined };
  await deploy(options, fleet.freshPorts());
}

/** Whatever else runs on this machine. */
const punctual: StressPorts["runLoad"] = async (load, how) => ({ ...(await threadedLoad(load, how)), lateMs: 0 });
const urlOf = (place: number): string => `http://127.0.0.1:${(servers[place]!.address() as AddressInfo).port}`;
const requests = [
  { path: "/", weight: 3 },
  { path: "/api/", status: 200 },
];

/** Nobody is late on it. */
const { clock: patient } = manualClock();

function ports(change: Partial<StressPorts> = {}, config: Parameters<typeof aConfig>[0] = {}): StressPorts {
  const own = fleet.config();
  const file = aConfig({ stress: { requests }, ...config });
  const hosts = new Map(fleet.hosts.map(({ id }, place) => [id, urlOf(place)]));
  return {
    ...fleet.ports(),
    config: {
      ...own,
      checks: file.checks,
      stress: file.stress,
      runtime: config.runtime === undefined ? own.runtime : file.runtime,
    },
    addresses: { hosts, urls: {} },
    runLoad: punctual,
    // Whoever tells nothing is late when a test says so.
    clock: { ...patient, now: () => fleet.clock.now() },
    statsOf: openMemberStats({ config: own, remote: fleet.ports().remote }),
    version: "1.0.0",
    ...change,
  };
}

const options = (change: Partial<StressOptions> = {}): StressOptions => ({
  environment: "prod",
  rate: 80,
  durationMs: 500,
  sure: "prod",
  dryRun: false,
  ...change,
});
const run = async (change: Partial<StressOptions> = {}, of: StressPorts = ports()): Promise<StressResult> =>
  asPrinted("stress", await stress(options(change), of));
const recorded = (): [string, Record<string, unknown>][] =>
  [...fleet.ssm.parameters.store].flatMap(([name, text]) =>
    name.includes("/evidence/")
      ? [[name, JSON.parse(text) as Record<string, unknown>] as [string, Record<string, unknown>]]
      : [],
  );
const failing: Answer = (request, response) => {
  const status = request.url === "/api/" ? 500 : 200;
  return response.writeHead(status, { "X-Release": release }).end();
};

describe("what was deployed", () => {
  test("is put under load on each host, and what it kept is on record under the release's digest", async () => {
    const result = await run();
    const { digest } = fleet.bundle(sha("one"));
    expect(result).toMatchObject({
      outcome: "passed",
      recorded: true,
      environment: "prod",
      deployment: 1,
      revision: sha("one"),
      bundle: digest,
      budget: "errors=0",
      limits: [{ limit: "errors=0", ok: true, says: "" }],
      total: { requests: 40, errors: 0 },
      byRequest: [
        { method: "GET", path: "/", requests: 30 },
        { method: "GET", path: "/api/", requests: 10 },
      ],
      byTarget: [1, 2].map(() => ({ requests: 20, errors: 0 })),
      before: null,
    });
    expect(recorded()).toMatchObject([
      [
        `/threads/evidence/${sha("one")}/${digest.slice("sha256:".length)}/stress/prod`,
        {
          kind: "stress",
          environment: "prod",
          checks: [{ path: "/", ok: true }, { path: "/api/" }],
          load: { rate: 80, durationMs: 500, requests: 40, errors: 0 },
        },
      ],
    ]);
    // A look at each.
    expect(fleet.hosts.map(({ seen }) => seen)).toEqual([
      ["status", "stats"],
      ["status", "stats"],
    ]);
  });

  test("is compared with the release before, as it was last on record", async () => {
    await run();
    await deployed("two");
    const result = await run();
    expect(result).toMatchObject({
      revision: sha("two"),
      recorded: true,
      before: { revision: sha("one"), rate: 80, durationMs: 500, requests: 40, errors: 0 },
    });
    expect(recorded()).toHaveLength(2);
  });

  test("is asked for the checks that only look, by the name and the scheme of the hosts, where threads.yml names nothing else", async () => {
    const seen = new Set<string>();
    answer = (request, response) => {
      const { host, "x-forwarded-proto": proto } = request.headers;
      seen.add([request.method, request.url, host, proto].join(" "));
      response.writeHead(200, { "X-Release": release }).end();
    };
    const checks = [
      { path: "/healthz" },
      { path: "/shop", host: "shop.example" },
      { path: "/order", method: "POST" as const },
      { command: "true", service: "web" },
    ];
    const runtime = { compose: "compose.yml", host: "www.example.com", forwarded_proto: "https" as const };
    await run({}, ports({}, { stress: undefined, checks, runtime }));
    expect([...seen].toSorted()).toEqual(["GET /healthz www.example.com https", "GET /shop shop.example https"]);
  });

  test("is asked at the environment's address where hosts have none, by that name", async () => {
    const asked = new Set<string>();
    answer = (request, response) => {
      asked.add(request.headers.host ?? "");
      response.end();
    };
    const runtime = { compose: "compose.yml", host: "www.example.com" };
    const addresses = { hosts: undefined, urls: { prod: urlOf(0) } };
    const result = await run({}, ports({ addresses }, { stress: { requests }, runtime }));
    expect(result).toMatchObject({
      byTarget: [{ host: null, requests: 40 }],
      targets: [{ host: null, url: urlOf(0) }],
    });
    expect([...asked]).toEqual([urlOf(0).slice("http://".length)]);
  });
});

describe("what containers took of hosts meanwhile", () => {
  test("is told beside what was measured, and is not on record", async () => {
    fleet.hosts[1]!.docker = false;
    expect(await run()).toMatchObject({
      outcome: "doubted",
      stats: [
        { silence: null, samples: 2, services: [{ service: "web", cpuPercent: { mean: 12.5 } }, {}, {}, {}] },
        { silence: "docker does not tell what containers take", services: null },
      ],
    });
  });

  test("does not keep a verdict from its record where nobody may ask for it", async () => {
    const refused = () => Promise.reject(new Error("AWS denies access"));
    const result = await run({}, ports({ statsOf: () => Promise.resolve({ sample: refused }) }));
    const silence = { silence: "AWS denies access", services: null };
    expect(result).toMatchObject({ outcome: "passed", recorded: true, stats: [silence, silence] });
    expect(JSON.stringify(recorded())).not.toContain("stats");
  });
});

describe("a budget that is not kept", () => {
  test("is told with what was measured, and is not on record", async () => {
    answer = failing;
    expect(await run({ budget: parseBudget("p99=20s,errors=10%") })).toMatchObject({
      outcome: "failed",
      recorded: false,
      limits: [
        { limit: "p99=20000ms", ok: true },
        { limit: "errors=10%", ok: false, says: "25% of errors is more than 10%" },
      ],
      errors: [{ says: "status 500", count: 10 }],
      next: ["threads logs -e prod --since 10m", "threads status -e prod"],
    });
    expect(recorded()).toEqual([]);
  });

  test("is that of threads.yml where none was typed", async () => {
    answer = failing;
    const budget = "errors=10";
    expect(await run({}, ports({}, { stress: { requests, budget } }))).toMatchObject({ outcome: "passed", budget });
  });
});

describe("nothing is on record where", () => {
  /** Why what was kept is not on record. */
  const doubts = async (of: StressPorts = ports()): Promise<string> => {
    const result = await run({}, of);
    expect(result).toMatchObject({ outcome: "doubted", recorded: false, next: ["threads status -e prod"] });
    expect(recorded()).toEqual([]);
    return result.advice.join("\n");
  };

  test("a host runs something else than was deployed", async () => {
    fleet.hosts[1]!.containers[0]!.digest = `sha256:${"f".repeat(64)}`;
    expect(await doubts()).toMatch(/^not on record: .*2 is not seen to run what was deployed$/);
    expect(fleet.warnings).toEqual([expect.stringMatching(/^this will not be on record: .* is not seen to run/)]);
  });

  test("a host could not be looked at", async () => {
    fleet.hosts[0]!.online = false;
    expect(await doubts()).toMatch(/is not seen to run what was deployed$/);
  });

  test("an answer named another release", async () => {
    release = sha("two");
    expect(await doubts()).toMatch(new RegExp(`answers came from another release, too: ${sha("two").slice(0, 7)}`));
  });

  test("somebody deployed meanwhile", async () => {
    let once = true;
    answer = (_, response) => {
      if (once) fleet.ssm.parameters.store.set("/threads/prod/deployments/000002", intentOf(2));
      once = false;
      response.end();
    };
    expect(await doubts()).toMatch(/was being deployed meanwhile \(#2\), and may have answered/);
  });

  test("somebody is deploying already", async () => {
    fleet.ssm.parameters.store.set("/threads/prod/deployments/000002", intentOf(2));
    expect(await doubts()).toMatch(/was being deployed meanwhile \(#2\), and may have answered/);
  });

  test("this machine was late itself", async () => {
    const late: StressPorts["runLoad"] = async (load, how) => ({ ...(await punctual(load, how)), lateMs: 26 });
    expect(await doubts(ports({ runLoad: late }))).toMatch(/this machine was up to 26 ms late itself/);
  });

  test("somebody has ended it: what was counted until then is told", async () => {
    let count = 0;
    answer = (_, response) => {
      count += 1;
      response.writeHead(200, { "X-Release": release }).end();
      if (count === 10) fleet.interrupt.abort(new Error("Ctrl-C"));
    };
    const result = await run({ durationMs: 600_000 });
    expect(result).toMatchObject({
      outcome: "interrupted",
      recorded: false,
      next: ["threads stress -e prod --rate 80 --duration 600s --sure prod"],
    });
    expect(result).toHaveProperty(
      "total.requests",
      expect.toSatisfy((requests: number) => requests < 48_000),
    );
    expect(recorded()).toEqual([]);
  });
});

const intentOf = (number: number): string => {
  const text = fleet.ssm.parameters.store.get("/threads/prod/deployments/000001") ?? "";
  return JSON.stringify({ ...JSON.parse(text), number, nonce: "another" });
};

describe("nothing is asked where", () => {
  const refusal = async (change: Partial<StressOptions> = {}, of = ports()): Promise<unknown> => {
    let asked = 0;
    answer = () => (asked += 1);
    const why: unknown = await run(change, of).catch((error: unknown) => error);
    expect(asked).toBe(0);
    expect(fleet.hosts.flatMap(({ seen }) => seen)).toEqual([]);
    return why;
  };

  test("the environment has gates, and was not named twice", async () => {
    const refused = {
      code: "NOT_CONFIRMED",
      outcome: "refused",
      message: expect.stringContaining("80 requests a second for 60 s would go to"),
      next: ["threads stress -e prod --rate 80 --duration 60s --sure prod"],
    };
    expect(await refusal({ durationMs: 60_000, sure: undefined })).toMatchObject(refused);
    expect(await refusal({ durationMs: 60_000, sure: "staging" })).toMatchObject(refused);
  });

  test("its hosts answer to themselves only, or it has no address", async () => {
    const hosts = new Map(fleet.hosts.map(({ id }) => [id, null]));
    expect(await refusal({}, ports({ addresses: { hosts, urls: {} } }))).toMatchObject({
      code: "NO_URL",
      next: ["threads sandbox status"],
    });
    const none = ports({ addresses: { hosts: undefined, urls: { staging: urlOf(0) } } });
    expect(await refusal({}, none)).toMatchObject({
      code: "NO_URL",
      advice: ["write below environments.prod: url: https://…"],
    });
  });

  test("there is nothing to ask for", async () => {
    const checks = [{ path: "/order", method: "POST" as const }];
    expect(await refusal({}, ports({}, { stress: undefined, checks }))).toMatchObject({ code: "NOTHING_TO_ASK" });
  });

  test("nothing was deployed", async () => {
    for (const name of [...fleet.ssm.parameters.store.keys()].filter((one) => one.includes("/deployments/")))
      fleet.ssm.parameters.store.delete(name);
    expect(await refusal()).toMatchObject({ code: "NOTHING_DEPLOYED", next: ["threads deploy -e prod HEAD"] });
  });

  test("somebody only wants to know what would be", async () => {
    const plan = await run({ durationMs: 60_000, dryRun: true, sure: undefined });
    expect(plan).toMatchObject({
      outcome: "planned",
      rate: 80,
      durationMs: 60_000,
      budget: "errors=0",
      requests: [
        { path: "/", share: 75 },
        { path: "/api/", share: 25 },
      ],
      targets: [{ url: urlOf(0) }, { url: urlOf(1) }],
      next: ["threads stress -e prod --rate 80 --duration 60s --sure prod"],
    });
    expect(fleet.hosts.flatMap(({ seen }) => seen)).toEqual([]);
  });
});

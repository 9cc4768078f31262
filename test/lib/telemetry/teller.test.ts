import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from "node:net";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json, text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { createSocket } from "node:dgram";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { teller } from "../../../src/lib/telemetry/teller.ts";

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** As OTLP has it in JSON. */
interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: readonly Attribute[];
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** As CloudWatch has it ("Specification: embedded metric format"). */
interface Metrics {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

let now: number;
let warnings: string[];
let collector: Server;
let asked: Asked[];
let answer: number;
beforeEach(async () => {
  now = Date.parse("2026-11-28T08:30:00.000Z");
  [warnings, asked, answer] = [[], [], 200];
  collector = createServer((request, response) => void collect(request, response)).listen(0, "127.0.0.1");
  await once(collector, "listening");
  vary({ OTEL_EXPORTER_OTLP_ENDPOINT: addressOf(collector), OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" });
});
afterEach(() => {
  collector.closeAllConnections();
  collector.close();
  vary({});
});

async function collect(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = "", headers } = request;
  const body = headers["content-type"] === "application/json" ? await json(request) : await text(request);
  asked.push({ url, headers, body });
  response.writeHead(answer, { "Content-Type": "application/json" }).end("{}");
}

/** The exporter reads the process's own. */
let varied: string[] = [];
function vary(env: Record<string, string>): void {
  for (const name of varied) delete process.env[name];
  varied = Object.keys(env);
  Object.assign(process.env, env);
}

function addressOf(server: Server | TcpServer, scheme = "http"): string {
  return `${scheme}://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function begin(env: Record<string, string> = {}, root = "/nowhere") {
  const told = teller({
    command: "deploy",
    environment: "prod",
    version: "1.2.3",
    env: { ...process.env, ...env },
    clock: { ...systemClock, now: () => now },
    warn: (message) => void warnings.push(message),
    // Ends what hangs: loading the library alone takes a busy machine some seconds.
    patienceMs: 60_000,
  });
  told.openAt({ root, app: "shop" });
  told.tell({ event: "begin", task: 1, title: "Deploy to web-1 with a-long-password" });
  told.tell({ event: "begin", task: 2, title: "Deploy to web-2" });
  now += 2_000;
  told.tell({ event: "end", task: 1, title: "Deployed", ok: true });
  now += 500;
  return told;
}

const went = {
  exitCode: 0,
  result: {
    outcome: "deployed",
    hosts: [
      { traffic: { requests: 10, failed: 1, longestGapMs: 7 } },
      { traffic: { requests: 5, failed: 0, longestGapMs: 9 } },
      { traffic: null },
    ],
  },
};
const failed = { exitCode: 5, result: { code: "RELEASE_UNHEALTHY", message: "web never came up", next: [] } };

const resourceIn = ({ body }: Asked) => (body as Traces).resourceSpans[0]!;
const spansIn = (one: Asked): readonly Span[] => resourceIn(one).scopeSpans[0]!.spans;
const spanOf = (one: Asked, name: string): Span => spansIn(one).find((span) => span.name.startsWith(name))!;
const attributesIn = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
const lengthOf = ({ startTimeUnixNano, endTimeUnixNano }: Span): bigint =>
  BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano);

test("a run is a trace: the command, and below it its tasks with their times, without secrets", async () => {
  await begin({ DB_PASSWORD: "a-long-password" }).end(went);
  expect(warnings).toEqual([]);
  expect(asked.map(({ url }) => url)).toEqual(["/v1/traces"]);
  const whole = spanOf(asked[0]!, "threads deploy");
  const at = String(Date.parse("2026-11-28T08:30:00.000Z"));
  expect(whole).toMatchObject({ startTimeUnixNano: `${at}000000`, status: { code: 0 } });
  expect(lengthOf(whole)).toBe(2_500_000_000n);
  expect(attributesIn(whole.attributes)).toEqual({
    "threads.application": "shop",
    "deployment.environment.name": "prod",
    "process.exit.code": 0,
    "threads.requests": 15,
    "threads.requests.failed": 1,
  });
  const tasks = [spanOf(asked[0]!, "Deploy to web-1"), spanOf(asked[0]!, "Deploy to web-2")];
  expect(tasks.map(({ name }) => name)).toEqual(["Deploy to web-1 with [redacted]", "Deploy to web-2"]);
  expect(tasks.map(({ parentSpanId }) => parentSpanId)).toEqual([whole.spanId, whole.spanId]);
  expect(lengthOf(tasks[0]!)).toBe(2_000_000_000n);
  expect(tasks[0]!.status.code).toBe(0);
  expect(spansIn(asked[0]!)).toHaveLength(3);
});

test("a run that fails says why, and which of its tasks did not end", async () => {
  await begin().end(failed);
  const whole = spanOf(asked[0]!, "threads deploy");
  expect(whole.status).toEqual({ code: 2, message: "web never came up" });
  expect(attributesIn(whole.attributes)).toMatchObject({ "error.type": "RELEASE_UNHEALTHY", "process.exit.code": 5 });
  const open = spanOf(asked[0]!, "Deploy to web-2");
  expect(open.status.code).toBe(2);
  expect(open.endTimeUnixNano).toBe(whole.endTimeUnixNano);
});

test("the commit is the one that was checked out when it began, as its record has it", async () => {
  const root = mkdtempSync(join(tmpdir(), "threads-told-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const check = (sha: string): void => writeFileSync(join(root, ".git/HEAD"), `${sha}\n`);
  mkdirSync(join(root, ".git"));
  check("a".repeat(40));
  const told = begin({}, root);
  check("b".repeat(40));
  await told.end(went);
  const { attributes } = spanOf(asked[0]!, "threads deploy");
  expect(attributesIn(attributes)).toMatchObject({ "vcs.ref.head.revision": "a".repeat(40) });
});

test("a job's own trace is gone on with, and one that is not sampled stays so", async () => {
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  await begin({ TRACEPARENT: `00-${id}-00f067aa0ba902b7-01` }).end(went);
  expect(spansIn(asked[0]!).map(({ traceId }) => traceId)).toEqual([id, id, id]);
  expect(spanOf(asked[0]!, "threads deploy").parentSpanId).toBe("00f067aa0ba902b7");
  await begin({ TRACEPARENT: `00-${id}-00f067aa0ba902b7-00` }).end(went);
  expect(asked).toHaveLength(1);
});

test("the service is called threads, unless the environment calls it something else", async () => {
  const name = async (): Promise<unknown> => {
    await begin().end(went);
    return attributesIn(resourceIn(asked.at(-1)!).resource.attributes)["service.name"];
  };
  expect(await name()).toBe("threads");
  vary({
    OTEL_EXPORTER_OTLP_ENDPOINT: addressOf(collector),
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_HEADERS: "x-team=shop",
    OTEL_SERVICE_NAME: "releases",
  });
  expect(await name()).toBe("releases");
  expect(asked.at(-1)!.headers["x-team"]).toBe("shop");
});

test("protobuf is what a collector gets where nothing else is asked for", async () => {
  vary({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${addressOf(collector)}/own/path` });
  await begin().end(went);
  expect(asked[0]).toMatchObject({ url: "/own/path", headers: { "content-type": "application/x-protobuf" } });
  expect(asked[0]!.body).toContain("threads deploy");
});

test.each([[{ OTEL_SDK_DISABLED: "true" }], [{ OTEL_TRACES_EXPORTER: "none" }], [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }]])(
  "nobody is told: %o",
  async (env) => {
    await begin(env).end(went);
    expect([asked, warnings]).toEqual([[], []]);
  },
);

test("a collector that refuses costs a warning", async () => {
  answer = 401;
  await begin().end(went);
  expect(warnings).toEqual([expect.stringMatching(/^no trace of this run was left: .*(?:401|Unauthorized)/)]);
});

test("a collector that never answers costs a warning, and no more time than it has", async () => {
  collector.removeAllListeners("request");
  vary({ OTEL_EXPORTER_OTLP_ENDPOINT: addressOf(collector), OTEL_EXPORTER_OTLP_TIMEOUT: "50" });
  await begin().end(went);
  expect(warnings).toEqual([expect.stringMatching(/^no trace of this run was left: /)]);
});

test("nor does one whose answer drips", async () => {
  collector.removeAllListeners("request").on("request", (_, response: ServerResponse) => {
    response.writeHead(200);
    const drips = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(drips));
  });
  vary({ OTEL_EXPORTER_OTLP_ENDPOINT: addressOf(collector), OTEL_EXPORTER_OTLP_TIMEOUT: "200" });
  expect(await begin().end(went)).toEqual({ goesOn: true });
  expect(warnings).toEqual(["no trace of this run was left: nobody took it within 0.2 s"]);
});

test("neither why a run failed nor why nobody was told of it holds a secret", async () => {
  const env = { DB_PASSWORD: "a-long-password", AWS_EMF_AGENT_ENDPOINT: "http://me:a-long-password@127.0.0.1" };
  await begin(env).end({ exitCode: 5, result: { code: "FAILED", message: "no login with a-long-password" } });
  expect(spanOf(asked[0]!, "threads deploy").status.message).toBe("no login with [redacted]");
  expect(JSON.stringify(asked)).not.toContain("a-long-password");
  expect(warnings).toEqual([expect.stringContaining('AWS_EMF_AGENT_ENDPOINT is "http://me:[redacted]@127.0.0.1"')]);
});

test("what is not spoken here is named, with what to set", async () => {
  await begin({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }).end(went);
  expect(warnings).toEqual([expect.stringContaining("set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json")]);
});

test("a run is metrics in the embedded format, a line for CloudWatch's agent", async () => {
  vary({});
  const heard: Promise<string>[] = [];
  const agent = createTcpServer({ allowHalfOpen: true }, (socket) => {
    const all = text(socket);
    heard.push(all);
    void all.then(() => socket.end());
  }).listen(0, "127.0.0.1");
  await once(agent, "listening");
  await begin({ AWS_EMF_AGENT_ENDPOINT: addressOf(agent, "tcp") }).end(went);
  await begin({ AWS_EMF_AGENT_ENDPOINT: addressOf(agent, "tcp"), AWS_EMF_NAMESPACE: "releases" }).end(failed);
  agent.close();
  expect(warnings).toEqual([]);
  const [well, badly] = (await Promise.all(heard)).map((line) => JSON.parse(line) as Metrics);
  expect(well).toMatchObject({
    Application: "shop",
    Command: "deploy",
    Environment: "prod",
    Duration: 2500,
    Failed: 0,
    Requests: 15,
    FailedRequests: 1,
    LongestGap: 9,
    exitCode: 0,
    _aws: {
      Timestamp: Date.parse("2026-11-28T08:30:02.500Z"),
      LogGroupName: "threads-metrics",
      CloudWatchMetrics: [{ Namespace: "threads", Dimensions: [["Application", "Command", "Environment"]] }],
    },
  });
  const names = well!._aws.CloudWatchMetrics[0]!.Metrics.map(({ Name, Unit }) => `${Name} ${Unit}`);
  expect(names.toSorted()).toEqual([
    "Duration Milliseconds",
    "Failed Count",
    "FailedRequests Count",
    "LongestGap Milliseconds",
    "Requests Count",
  ]);
  expect(badly).toMatchObject({ Failed: 1, code: "RELEASE_UNHEALTHY" });
  expect(badly!._aws.CloudWatchMetrics[0]).toMatchObject({ Namespace: "releases" });
  // What nobody has counted is no zero.
  expect(badly).not.toHaveProperty("Requests");
});

test("an agent may be asked by UDP", async () => {
  vary({});
  const agent = createSocket("udp4").bind(0, "127.0.0.1");
  await once(agent, "listening");
  const heard = once(agent, "message") as Promise<[Buffer]>;
  await begin({ AWS_EMF_AGENT_ENDPOINT: `udp://127.0.0.1:${String(agent.address().port)}` }).end(went);
  expect(JSON.parse((await heard)[0].toString())).toMatchObject({ Command: "deploy" });
  agent.close();
});

test.each([
  ["tcp://127.0.0.1:1", "ECONNREFUSED"],
  ["http://127.0.0.1:25888", "no tcp://HOST:PORT or udp://HOST:PORT"],
])("an agent at %s costs a warning", async (endpoint, says) => {
  vary({});
  await begin({ AWS_EMF_AGENT_ENDPOINT: endpoint }).end(went);
  expect(warnings).toEqual([expect.stringMatching(new RegExp(`^no metrics of this run were left: .*${says}`))]);
});

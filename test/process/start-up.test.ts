import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer as createWeb } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { requireBuild } from "./built.ts";

requireBuild();

// What a start is made of, counted and not timed: which chunks of the bundle are read until a moment, how many bytes
// that is, and what else is known to cost a good part of a Node start. Seconds are `npm run bench`'s.

const root = fileURLToPath(new URL("../..", import.meta.url));
const home = await mkdtemp(join(tmpdir(), "threads-start-"));
afterAll(() => rmSync(home, { recursive: true }));

interface Seen {
  /** Of dist, without `.cjs`, in the order in which they were loaded. */
  readonly chunks: string[];
  /** What went through ICU: its first use costs two thirds of a Node start. */
  readonly locale: string[];
  /** Of Node's own modules those that cost a tenth of its start each, or more. */
  readonly builtins: string[];
  /** No connection had come about by then. */
  readonly waited?: boolean;
}

interface Start {
  /** Until the end, or until the first request to ECR is made. */
  readonly seen: Seen;
  /** When the first connection was opened; undefined where none was. */
  readonly connected: Seen | undefined;
  readonly code: number;
}

/** Loaded into the CLI's own process: writes down what has happened, at the moments that matter. */
const spy = `
  import { subscribe } from "node:diagnostics_channel";
  import { createRequire } from "node:module";
  const { writeFileSync } = createRequire("/")("node:fs");
  const locale = [];
  const dear = ["child_process", "crypto", "perf_hooks", "readline", "internal/fs/promises", "internal/fs/streams"];
  for (const name of ["Collator", "DateTimeFormat", "ListFormat", "NumberFormat", "PluralRules", "RelativeTimeFormat", "Segmenter"])
    Intl[name] = new Proxy(Intl[name], { construct: (type, given) => (locale.push(name), Reflect.construct(type, given)) });
  const { localeCompare } = String.prototype;
  String.prototype.localeCompare = function (...given) { locale.push("localeCompare"); return localeCompare.apply(this, given); };
  const look = () => ({ chunks: Object.keys(createRequire("/").cache).map((file) => /dist.(.+)\\.cjs$/.exec(file)?.[1]).filter(Boolean), locale: [...locale], builtins: dear.filter((name) => process.moduleLoadList.includes("NativeModule " + name)) });
  let connected, established, asked;
  subscribe("net.client.socket", ({ socket }) => {
    connected ??= look();
    socket.once("connect", () => (established ??= look()));
  });
  subscribe("http.client.request.start", ({ request }) => {
    if (String(request.getHeader("x-amz-target")).startsWith("AmazonEC2ContainerRegistry")) asked ??= { ...look(), waited: established === undefined };
  });
  process.on("exit", () => writeFileSync(process.env.SEEN, JSON.stringify({ seen: asked ?? look(), connected })));
`;

let runs = 0;

function start(args: readonly string[], endpoint = "http://127.0.0.1:1"): Promise<Start> {
  const report = join(home, `seen-${String((runs += 1))}.json`);
  const place = { AWS_ENDPOINT_URL: endpoint, ECR_REPO: `${new URL(endpoint).host}/threads/`, AWS_REGION: "eu-west-1" };
  const credentials = { AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" };
  const env = { PATH: process.env["PATH"], HOME: home, SEEN: report, ...place, ...credentials };
  const node = ["--import", `data:text/javascript,${encodeURIComponent(spy)}`, join(root, "bin/run.js")];
  return new Promise((resolve) => {
    execFile(process.execPath, [...node, ...args], { cwd: root, env }, (error) => {
      const told = JSON.parse(readFileSync(report, "utf8")) as Pick<Start, "seen" | "connected">;
      resolve({ seen: told.seen, connected: told.connected, code: error === null ? 0 : Number(error.code) });
    });
  });
}

const kilobytes = (chunks: readonly string[]): number =>
  chunks.reduce((sum, name) => sum + readFileSync(join(root, "dist", `${name}.cjs`)).length, 0) / 1000;

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** Refuses everything, as an account does in which one may do nothing. */
function denying(): Server {
  return createWeb((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ __type: "AccessDeniedException", message: "nobody may do anything here" }));
    });
  });
}

const release = "0".repeat(40);

describe("a start is no heavier than it was", () => {
  it("threads --version reads no chunk", async () => {
    const { seen, connected } = await start(["--version"]);
    expect({ seen, connected }).toEqual({ seen: { chunks: [], locale: [], builtins: [] }, connected: undefined });
  });

  it.each<{ readonly line: string; readonly more: readonly string[] }>([
    { line: "promote --help", more: [] },
    { line: "help promote", more: ["command-help"] },
    { line: "promote --nope", more: ["command-promote", "usage"] },
    { line: "promtoe", more: ["usage"] },
  ])("threads $line reads one, and $more", async ({ line, more }) => {
    const { seen, connected } = await start(line.split(" "));
    expect({ seen, connected }).toEqual({
      seen: { chunks: ["cli", "rolldown-runtime", ...more], locale: [], builtins: [] },
      connected: undefined,
    });
    expect(kilobytes(seen.chunks.filter((chunk) => !more.includes(chunk)))).toBeLessThan(410);
    expect(kilobytes(more)).toBeLessThan(15);
  });

  it("threads explain reads its long texts, from a chunk of their own", async () => {
    const { seen, connected } = await start(["explain", "FROZEN"]);
    expect(seen.chunks).toContain("explain");
    expect({ locale: seen.locale, connected }).toEqual({ locale: [], connected: undefined });
  });

  it("threads promote, up to its first request to ECR", async () => {
    const server = denying();
    const { seen, connected, code } = await start(["promote", release], await listening(server));
    server.close();
    expect(code).toBe(3);
    // No renderer and nothing that runs programs: they load while the answer is on its way, or never.
    expect(seen.chunks).toEqual([
      "cli",
      "rolldown-runtime",
      "command-promote",
      "early",
      "threads",
      "config",
      "sts",
      "aws",
      "ssm",
    ]);
    expect(seen.locale).toEqual([]);
    expect(kilobytes(seen.chunks)).toBeLessThan(2_200);
    // The connection opens while all that is still to be loaded, and has come about when it is needed.
    expect(connected).toEqual({
      chunks: ["cli", "rolldown-runtime", "command-promote", "early"],
      locale: [],
      builtins: [],
    });
    expect(seen.waited).toBe(false);
  });
});

describe("connections that nobody needs", () => {
  it("do not keep the process alive, where the server never answers", async () => {
    const silent = createServer();
    const file = join(home, "threads.yml");
    writeFileSync(file, "app: threads\n");
    const { code, connected } = await start(["promote", release, "--config", file], await listening(silent));
    expect({ code, connected: connected !== undefined }).toEqual({ code: 2, connected: true });
    silent.close();
  });

  it("are not opened by commands that ask nobody", async () => {
    expect((await start(["sandbox", "status"])).connected).toBeUndefined();
  });
});

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { promote } from "../../src/lib/actions/promote/run.ts";
import { publish } from "../../src/lib/actions/publish/run.ts";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { dockerCompose } from "../../src/lib/compose/docker-compose.ts";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import { gitSource } from "../../src/lib/source/git.ts";
import type { Head, Source } from "../../src/lib/source/source.ts";
import { smoke } from "../lib/actions/publish/world.ts";
import type { LogEntry } from "../../src/lib/sandbox/server/request-log.ts";
import { writeBundle } from "../../src/lib/registry/bundle.ts";
import { assembleBundle } from "../../src/lib/release/bundle.ts";
import { promotePorts } from "../lib/faults/promote-ports.ts";
import { type FaultWorld, faultWorld, startProcess } from "../lib/faults/world.ts";
import { credentials, region } from "../lib/sandbox/server/open-sandbox.ts";
import { type DelayProxy, delayProxy } from "./delay-proxy.ts";
import { type Contestant, race, tabulate } from "./measure.ts";
import { openPeers, removeImages } from "./peers.ts";
import { beside } from "./start-up.ts";

const root = new URL("../..", import.meta.url).pathname;

export interface Promotion {
  readonly name: string;
  /** Wall time of the whole process in milliseconds, at no delay and at 50 ms per round trip. */
  readonly ms: number;
  readonly msAt50: number;
  /** Over the floor in the same run. */
  readonly ratio: number;
  readonly ratioAt50: number;
  /** To the registry or ECR, per thing that gets the tag: four images, and with us the bundle. */
  readonly requestsPerObject: number;
  /** All requests, to whichever service. */
  readonly requests: number;
  /** One after the other: what 50 ms a round trip add, over 50 ms; the connection's own among them. */
  readonly roundTrips: number;
  readonly bytes: number;
  /** Of layers: none may move. */
  readonly blobBytes: number;
}

interface Bench {
  readonly world: FaultWorld;
  readonly proxy: DelayProxy;
  readonly folder: string;
  readonly password: string;
  readonly services: readonly string[];
  /** What the next run promotes; a new one before every run, since a second promotion is no work. */
  readonly next: { revision: string; count: number };
}

/** `threads promote` of four images, from the start of the process to its end, beside the ways that people take without it. */
export async function benchPromote(rounds: number): Promise<Promotion[]> {
  await using world = await faultWorld({ services: 4, mutability: "MUTABLE" });
  world.gate.open();
  const proxy = await delayProxy(world.sandbox.port);
  const folder = mkdtempSync(join(tmpdir(), "threads-bench-"));
  try {
    const password = await passwordOf(world);
    const bench = { world, proxy, folder, password, services: world.config.services, next: { revision: "", count: 0 } };
    makeProject(bench);
    await pushRealImages(bench);
    const mine = ours(bench);
    await using peers = await openPeers({
      host: proxy.host,
      folder,
      repositories: repositoriesOf(bench),
      nextTag: () => `peer-${String((bench.next.count += 1))}`,
    });
    const contestants = [floor(bench), mine, connectingLate(mine), ...besides(mine), ...peers.contestants];
    proxy.roundTrip = 0;
    const near = await race(contestants, rounds);
    proxy.roundTrip = 50;
    const far = await race(contestants, rounds);
    const counts: ReturnType<typeof countOf>[] = [];
    proxy.roundTrip = 0;
    for (const contestant of contestants) {
      await contestant.prepare?.();
      const { last } = await world.sandbox.log();
      await race([{ ...contestant, prepare: () => Promise.resolve() }], 0);
      const { entries } = await world.sandbox.log(last);
      counts.push(countOf(entries, bench.services.length + (contestant.prepare === mine.prepare ? 1 : 0)));
    }
    return contestants.map(({ name }, index) => {
      const [ms, msAt50] = [near[index]?.ms ?? Number.NaN, far[index]?.ms ?? Number.NaN];
      const roundTrips = Math.round((msAt50 - ms) / 50);
      const ratios = { ratio: near[index]?.ratio ?? Number.NaN, ratioAt50: far[index]?.ratio ?? Number.NaN };
      return { name, ms, msAt50, ...ratios, roundTrips, ...(counts[index] ?? countOf([], 1)) };
    });
  } finally {
    await removeImages(proxy.host);
    await proxy.stop();
    rmSync(folder, { recursive: true });
  }
}

export function printPromote(rows: readonly Promotion[]): string {
  const titles = [
    "promote 4 images",
    "ms",
    "ratio",
    "ms @50",
    "ratio @50",
    "trips",
    "requests",
    "per object",
    "bytes",
    "of layers",
  ];
  return tabulate([
    titles,
    ...rows.map((row) => [
      row.name,
      row.ms.toFixed(0),
      `${row.ratio.toFixed(2)}x`,
      row.msAt50.toFixed(0),
      `${row.ratioAt50.toFixed(2)}x`,
      String(row.roundTrips),
      String(row.requests),
      row.requestsPerObject.toFixed(1),
      String(row.bytes),
      String(row.blobBytes),
    ]),
  ]);
}

function countOf(
  entries: readonly LogEntry[],
  objects: number,
): Pick<Promotion, "requests" | "requestsPerObject" | "bytes" | "blobBytes"> {
  const real = entries.filter(({ path }) => !path.startsWith("/_sandbox"));
  const about = real.filter(({ path, operation = "" }) => path.startsWith("/v2/") || /Image|Layer/.test(operation));
  const sum = (some: readonly LogEntry[]): number => some.reduce((all, one) => all + one.bytesIn + one.bytesOut, 0);
  const blobs = real.filter(({ path, operation = "" }) => path.includes("/blobs/") || operation.includes("Layer"));
  return { requests: real.length, requestsPerObject: about.length / objects, bytes: sum(real), blobBytes: sum(blobs) };
}

async function passwordOf({ sandbox }: FaultWorld): Promise<string> {
  const { authorizationData } = await sandbox.ecr.send(new GetAuthorizationTokenCommand({}));
  return Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64")
    .toString()
    .slice("AWS:".length);
}

/** Our own threads.yml with no gate but the smoke test, and our compose file, in a repository of its own. */
function makeProject({ folder }: Bench): void {
  const text = readFileSync(join(root, "threads.yml"), "utf8").replace(/^ +verified: staging$/m, "");
  writeFileSync(join(folder, "threads.yml"), text.replace("# strategy: recreate", "strategy: recreate"));
  mkdirSync(join(folder, "backend"));
  const compose = "backend/docker-compose-prod.yml";
  cpSync(join(root, compose), join(folder, compose));
  writeFileSync(join(folder, ".gitignore"), "/*\n!/threads.yml\n!/backend\n!/code.txt\n");
  execFileSync("git", ["init", "-q", "-b", "dev", folder]);
}

/** What git has of the next release, whose images docker has as smoke would have left them. */
async function commitNext({ folder, world, next }: Bench, source: Source): Promise<Head> {
  next.count += 1;
  writeFileSync(join(folder, "code.txt"), String(next.count));
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"];
  execFileSync("git", ["add", "--all"], { cwd: folder });
  execFileSync("git", [...who, "commit", "--quiet", "--message", "next"], { cwd: folder });
  const head = await source.head();
  smoke(world.docker, { ...head, text: String(next.count) });
  return head;
}

/** A release whose production smoke is on record already: what is left of a promotion is what is measured. */
async function publishNext(bench: Bench): Promise<void> {
  const { world, next, folder } = bench;
  const source = gitSource({ processes: systemProcesses, root: folder });
  const head = await commitNext(bench, source);
  const one = await startProcess(world, head);
  const compose = dockerCompose({ processes: systemProcesses, clock: systemClock, env: process.env });
  await publish(
    { dryRun: false },
    { ...one.ports, source, compose: { ...one.ports.compose, openModel: (...files) => compose.openModel(...files) } },
  );
  await promote({ release: head.revision, environment: "dev", dryRun: false }, await promotePorts(one));
  one.end();
  next.revision = head.revision;
}

const repositoriesOf = ({ services }: Bench): string[] => services.map((service) => `threads/${service}`);

function ours(bench: Bench): Contestant {
  const { host } = bench.proxy;
  const env = {
    ECR_REPO: `${host}/threads/`,
    AWS_ENDPOINT_URL: `http://${host}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    HOME: bench.folder,
  };
  return {
    name: "threads promote (smoke on record), verified, with bundle and records",
    argv: () => {
      return [process.execPath, join(root, "bin/run.js"), "promote", bench.next.revision, "-e", "prod", "--json"];
    },
    cwd: bench.folder,
    env,
    prepare: () => publishNext(bench),
  };
}

/** What opening the connections early is worth: nothing is guessed where a proxy is set, which the SDK does not use. */
function connectingLate(mine: Contestant): Contestant {
  return {
    ...mine,
    name: "the same, each connection opened when it is needed",
    env: { ...mine.env, ALL_PROXY: "none" },
  };
}

function besides(mine: Contestant): Contestant[] {
  const folder = beside;
  if (folder === undefined) return [];
  const argv: Contestant["argv"] = () => {
    const [node, , ...args] = mine.argv();
    return [node, join(folder, "bin/run.js"), ...args];
  };
  return [{ ...mine, name: "the same, of the build beside", argv }];
}

function floor(bench: Bench): Contestant {
  return {
    name: "floor: GET + PUT, in parallel, bare HTTP",
    argv: () => {
      const tags = ["real", `floor-${String((bench.next.count += 1))}`];
      return [
        process.execPath,
        join(import.meta.dirname, "retag-floor.js"),
        bench.proxy.host,
        ...tags,
        ...repositoriesOf(bench),
      ];
    },
    env: { PASSWORD: bench.password },
  };
}

/** Four small images that docker can really pull, under the tag `real`, and docker's login for the proxy. */
async function pushRealImages({ world, folder, proxy, password, services }: Bench): Promise<void> {
  mkdirSync(join(folder, "docker"));
  const auth = Buffer.from(`AWS:${password}`).toString("base64");
  writeFileSync(join(folder, "docker/config.json"), JSON.stringify({ auths: { [proxy.host]: { auth } } }));
  const release = { schema: 1, app: "threads", revision: "0".repeat(40), tree: "0".repeat(40), images: {} } as const;
  for (const service of services) {
    const files = { [service]: "x".repeat(1_000_000) };
    const contents = { release: { ...release, committedAt: "2026-11-22T10:00:00Z" }, files, architecture: "amd64" };
    const target = { repository: `threads/${service}`, bundle: assembleBundle(contents), tag: "real" };
    await writeBundle(world.truth, target);
  }
}

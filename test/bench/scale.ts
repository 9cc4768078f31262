// `npm run bench:scale`: what a command costs over 1,000 hosts beside 100, of which SSM is the sandbox's and the hosts only
// take their time. Needs the build, and no Docker.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogEntry } from "../../src/lib/sandbox/server/request-log.ts";
import { realPace } from "../../src/lib/sandbox/server/ssm/hosts.ts";
import { lognormal } from "../fakes/durations.ts";
import { credentials, region } from "../lib/sandbox/server/open-sandbox.ts";
import { tabulate } from "./measure.ts";
import { type SimulatedFleet, simulatedFleet } from "./simulated-fleet.ts";
import { type Waiting, waitForMany } from "./waiting.ts";

const root = new URL("../..", import.meta.url).pathname;

/** One command over so many hosts. */
export interface FleetCommand {
  readonly command: string;
  readonly hosts: number;
  /** Wall time of the whole process, that of the hosts included. */
  readonly ms: number;
  /** The most memory that its process has had, in megabytes. */
  readonly peakMb: number;
  /** By operation. */
  readonly calls: Readonly<Record<string, number>>;
}

export interface Scale {
  readonly commands: readonly FleetCommand[];
  readonly waiting: Waiting;
}

/** Median of a host's script, in milliseconds. */
const stepMs = 3_000;

export async function benchScale(): Promise<Scale> {
  const commands = [...(await commandsOver(100)), ...(await commandsOver(1_000))];
  return { commands, waiting: await waitForMany() };
}

async function commandsOver(hosts: number): Promise<FleetCommand[]> {
  await using fleet = await simulatedFleet({ hosts, pace: realPace, releases: 2, limited: true });
  const folder = mkdtempSync(join(tmpdir(), "threads-scale-"));
  try {
    writeFileSync(join(folder, "threads.yml"), readFileSync(join(root, "threads.yml")));
    const [one, two] = fleet.releases.map(({ revision }) => revision);
    const run = (...args: string[]): Promise<FleetCommand> => measured({ fleet, folder, args });
    await run("deploy", one ?? "", "--batch", "100%");
    fleet.lasts = lognormal(stepMs, 0.35);
    return [await run("status"), await run("deploy", two ?? "", "--batch", "25%"), await run("rollback")];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Running {
  readonly fleet: SimulatedFleet;
  readonly folder: string;
  readonly args: readonly string[];
}

async function measured({ fleet, folder, args }: Running): Promise<FleetCommand> {
  const { sandbox, gate } = fleet.world;
  const { last } = await sandbox.log();
  const peak = join(folder, "peak");
  const argv = ["--import", join(import.meta.dirname, "peak-memory.js"), join(root, "bin/run.js")];
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    PEAK_FILE: peak,
    ECR_REPO: `${gate.host}/threads/`,
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
  };
  const began = performance.now();
  await ended(spawn(process.execPath, [...argv, ...args, "-e", "prod", "--json"], { cwd: folder, env }), args);
  const ms = performance.now() - began;
  const peakMb = Number(readFileSync(peak, "utf8")) / 1024;
  const { entries } = await sandbox.log(last);
  return { command: args[0] ?? "", hosts: fleet.hosts.length, ms, peakMb, calls: counted(entries) };
}

function ended(child: ReturnType<typeof spawn>, args: readonly string[]): Promise<void> {
  let said = "";
  child.stdout?.resume();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`threads ${args.join(" ")}: exit ${String(code)}\n${said.slice(-4_000)}`)),
    );
  });
}

function counted(entries: readonly LogEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of entries) if (operation !== undefined) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

export function printScale({ commands, waiting }: Scale): string {
  const operations = [...new Set(commands.flatMap(({ calls }) => Object.keys(calls)))].toSorted();
  const row = ({ command, hosts, ms, peakMb, calls }: FleetCommand): string[] => [
    `${command}, ${hosts} hosts`,
    (ms / 1000).toFixed(1),
    peakMb.toFixed(0),
    ...operations.map((name) => String(calls[name] ?? 0)),
  ];
  const { reads, medianMs, lastMs, lastsMs, overhead } = waiting;
  return [
    tabulate([["threads …", "s", "MB", ...operations], ...commands.map(row)]),
    tabulate([
      ["over 1,000 hosts", "is", "goal"],
      ...["status", "deploy", "rollback"].map((name) => [
        `peak memory of ${name}, over that for 100 hosts`,
        `${growthOf(name, commands).toFixed(2)}x`,
        "<= 2x",
      ]),
      [`SSM reads for a command to 1,000 hosts that takes ${(lastsMs / 1000).toFixed(0)} s`, String(reads), "<= 100"],
      ["until a host's end is counted, median, s", (medianMs / 1000).toFixed(2), "<= 1.10"],
      ["until the last host's end is known, s", (lastMs / 1000).toFixed(2), ""],
      ["a deploy to 3 hosts, over the sum of their steps of 45 s", `+ ${(overhead * 100).toFixed(1)} %`, "<= 5 %"],
    ]),
  ].join("\n\n");
}

function growthOf(name: string, commands: readonly FleetCommand[]): number {
  const [few, many] = commands.filter(({ command }) => command === name).map(({ peakMb }) => peakMb);
  return (many ?? Number.NaN) / (few ?? Number.NaN);
}

if (import.meta.main) process.stdout.write(`${printScale(await benchScale())}\n`);

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { threadedLoad } from "../../src/lib/load/threaded-load.ts";
import { median, tabulate } from "./measure.ts";

/** Milliseconds, the median of the rounds. */
interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadBench {
  readonly stress: Latency;
  readonly wrk: Latency;
}

const rounds = 3;
const seconds = 10;
/** What wrk comes to with as many connections is about as much. */
const rate = 400;
const connections = 10;

/** `threads stress` beside wrk on one server; undefined where wrk is not installed. */
export async function benchLoad(): Promise<LoadBench | undefined> {
  if (spawnSync("wrk", ["--version"]).error !== undefined) return undefined;
  const server = spawn(process.execPath, [join(import.meta.dirname, "slow-server.js")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const base = `http://127.0.0.1:${await portOf(server)}`;
    const all: { stress: Latency; wrk: Latency }[] = [];
    for (let round = 0; round < rounds; round += 1) all.push({ wrk: await byWrk(base), stress: await byStress(base) });
    const middle = (who: "stress" | "wrk"): Latency => ({
      p50Ms: median(all.map((one) => one[who].p50Ms)),
      p99Ms: median(all.map((one) => one[who].p99Ms)),
    });
    return { stress: middle("stress"), wrk: middle("wrk") };
  } finally {
    server.kill();
  }
}

async function portOf(server: ChildProcess): Promise<string> {
  const [said] = (await once(server.stdout ?? server, "data")) as [Buffer];
  return said.toString().trim();
}

async function byStress(base: string): Promise<Latency> {
  const load = {
    targets: [{ name: "server", base }],
    requests: [{ path: "/", method: "GET", headers: {}, status: 200, weight: 1 }],
    rate,
    durationMs: seconds * 1000,
    timeoutMs: 10_000,
  };
  const { total } = await threadedLoad(load, { signal: new AbortController().signal, onTick: () => undefined });
  return { p50Ms: total.p50Ms ?? Number.NaN, p99Ms: total.p99Ms ?? Number.NaN };
}

/** It waits for each answer before it asks again; here nothing ever stalls. */
async function byWrk(base: string): Promise<Latency> {
  const wrk = spawn("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", base]);
  let said = "";
  wrk.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(wrk, "close");
  return { p50Ms: percentileIn(said, 50), p99Ms: percentileIn(said, 99) };
}

/** `     99%  101.33ms` */
function percentileIn(text: string, percent: number): number {
  const [, value = "", unit = ""] = new RegExp(String.raw`^ +${percent}% +([\d.]+)(us|ms|s)$`, "m").exec(text) ?? [];
  return Number(value === "" ? Number.NaN : value) * { us: 0.001, ms: 1, s: 1000, "": Number.NaN }[unit as "ms"];
}

/** As it is printed. */
export function printLoad(bench: LoadBench | undefined): string {
  if (bench === undefined) return "load: wrk is not installed (apt-get install wrk)";
  const { stress, wrk } = bench;
  const row = (what: string, of: keyof Latency): string[] => [
    what,
    `${stress[of].toFixed(1)} ms`,
    `${wrk[of].toFixed(1)} ms`,
    `${(((stress[of] - wrk[of]) * 100) / wrk[of]).toFixed(1)} %`,
  ];
  return tabulate([
    ["latency of one server, 97 of 100 answers in 20 ms, 3 in 100", "threads stress", "wrk", "apart (5 %)"],
    row("p50", "p50Ms"),
    row("p99", "p99Ms"),
  ]);
}

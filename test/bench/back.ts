// `npm run bench:back`: the backend in two slots on three hosts. What a deployment and the way back cost a host and the person
// who types them, the registry out of reach on the way back, and the old slot stopped or still up.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { join } from "node:path";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { hostRoot } from "../../src/lib/script/host-scripts.ts";
import { parseSummary, type Timings } from "../../src/lib/script/summary.ts";
import { makeTrainProject } from "../e2e/train-project.ts";
import { median } from "./measure.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const hosts = Number(process.env["BENCH_HOSTS"] ?? 3);

const project = makeTrainProject();
let env: Readonly<Record<string, string>> = {};
let urls: readonly string[] = [];
let containers: readonly string[] = [];

/** @returns what `--json` printed; fails where the command does */
async function threads<Result>(line: string): Promise<Result> {
  const ended = await project.threads([...line.split(" "), "--json"], env);
  if (ended.code !== 0) throw new Error(`threads ${line}: exit ${String(ended.code)}\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as Result;
}

function editConfig(from: string, to: string): void {
  const file = join(project.root, "threads.yml");
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`threads.yml has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}

async function release(change: string): Promise<void> {
  writeFileSync(join(project.root, "backend", "CHANGED"), `${change}\n`);
  project.git("add", "-A");
  project.git("commit", "-qm", change);
  await threads("smoke");
  await threads("publish");
}

interface Timed {
  readonly commandMs: number;
  /** From the start of the command until every host answers as the release that it leads to. */
  readonly answeredMs: number;
  /** Until the new slot has all requests: of the slowest host. */
  readonly servesMs: number;
  /** Until the script has ended: of the slowest host, and of the fastest, which a deployment gives the machine to itself. */
  readonly slowestMs: number;
  readonly fastestMs: number;
  /** Of the fastest. */
  readonly steps: string;
  readonly number: number;
}

/** Until a host's port answers as another release than it did, as one who asks it all the time sees it. */
async function untilOther(url: string): Promise<void> {
  const release = async (): Promise<string | null> => (await fetch(`${url}/healthz`)).headers.get("x-release");
  const before = await release();
  while ((await release()) === before) await setTimeout(20);
}

const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();

/** What each host has noted of a deployment, the fastest first: the command tells of each step only the longest of all hosts. */
function hostTimings(number: number): readonly Timings[] {
  const record = `${hostRoot}/deployments/${number}.1.done`;
  const all = containers.map((name) => {
    const summary = parseSummary(docker("exec", name, "cat", record));
    if (summary === undefined) throw new Error(`${name} has noted nothing of deployment ${number}`);
    return summary.timings;
  });
  return all.toSorted((one, other) => sum(one) - sum(other));
}
const sum = (timings: Timings): number => Object.values(timings).reduce((all, ms) => all + ms, 0);

async function timed(line: string): Promise<Timed> {
  const began = performance.now();
  const answered = Promise.all(urls.map(untilOther)).then(() => performance.now() - began);
  const { number } = await threads<{ readonly number: number }>(line);
  const commandMs = performance.now() - began;
  const hosts = hostTimings(number);
  const sums = hosts.map(sum);
  const untilSwitch = (one: Timings): Timings => {
    const steps = Object.entries(one);
    return Object.fromEntries(steps.slice(0, steps.findIndex(([step]) => step === "switch") + 1));
  };
  return {
    commandMs,
    answeredMs: await answered,
    servesMs: Math.max(...hosts.map(untilSwitch).map(sum)),
    slowestMs: Math.max(...sums),
    fastestMs: Math.min(...sums),
    steps: Object.entries(hosts[0] ?? {})
      .map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)}`)
      .join(", "),
    number,
  };
}

/** With the registry stopped, as a host has it whose network is gone. */
async function withoutRegistry<Result>(work: () => Promise<Result>): Promise<Result> {
  const { id } = await threads<{ id: string }>("sandbox status");
  const registry = docker("ps", "-q", "--filter", `name=threads-${id}-registry`);
  docker("stop", "-t", "1", registry);
  try {
    return await work();
  } finally {
    docker("start", registry);
  }
}

const seconds = (values: readonly number[]): string => `${(median(values) / 1000).toFixed(1)} s`;

/** One way of keeping the old slot: forth with the images there, and back without a registry. */
async function measure(previous: "stopped" | "warm"): Promise<void> {
  const forth: Timed[] = [];
  const back: Timed[] = [];
  let lift = "";
  for (let round = 0; round < rounds; round += 1) {
    forth.push(await timed(`deploy -e staging${lift}`));
    back.push(await withoutRegistry(async () => timed("rollback -e staging")));
    lift = ` --lift-hold ${String(back.at(-1)?.number)}`;
  }
  await threads(`deploy -e staging${lift}`);
  for (const [name, all] of [
    ["deploy, images present", forth.slice(1)],
    ["rollback, registry stopped", back],
  ] as const) {
    const whole = seconds(all.map(({ commandMs }) => commandMs));
    const answered = seconds(all.map(({ answeredMs }) => answeredMs));
    const serves = seconds(all.map(({ servesMs }) => servesMs));
    const slowest = seconds(all.map(({ slowestMs }) => slowestMs));
    const fastest = seconds(all.map(({ fastestMs }) => fastestMs));
    process.stdout.write(
      `${previous.padEnd(8)} ${name.padEnd(27)} answered by all after ${answered}, command ${whole}, slowest host serves after ${serves}, ends after ${slowest}; the fastest ends after ${fastest}\n`,
    );
    process.stdout.write(`${" ".repeat(9)}${all.at(-1)?.steps ?? ""}\n`);
  }
}

try {
  editConfig("runtime:\n", "runtime:\n  strategy: slots\n");
  const up = await threads<UpResult>(`sandbox up --hosts staging=${hosts}`);
  urls = up.hosts.flatMap((host) => (host.env === "staging" && host.url !== null ? [host.url] : []));
  containers = up.hosts.map(({ name }) => `threads-${up.id}-${name}`);
  env = (await threads<{ variables: Record<string, string> }>("sandbox env")).variables;
  await release("first");
  await threads("deploy -e staging");
  await release("second");
  await measure("stopped");
  editConfig("  strategy: slots\n", "  strategy: slots\n  previous: warm\n");
  project.git("commit", "-qam", "Leave the old slot up");
  await release("third");
  await threads("deploy -e staging");
  await release("fourth");
  await measure("warm");
} finally {
  await project.remove();
}

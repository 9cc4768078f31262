// `npm run bench:back`: the backend in two slots on three hosts. What a deployment and the way back cost a host and the person
// who types them, the registry out of reach on the way back, and the old slot stopped or still up.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { join } from "node:path";
import type { UpResult } from "../../src/lib/sandbox/up.ts";
import { makeTrainProject } from "../e2e/train-project.ts";
import { median } from "./measure.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const hosts = Number(process.env["BENCH_HOSTS"] ?? 3);

interface Rollout {
  readonly number: number;
  readonly timings: readonly { readonly step: string; readonly tookMs: number }[];
}

const project = makeTrainProject();
let env: Readonly<Record<string, string>> = {};
let urls: readonly string[] = [];

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
  /** Of the slowest host: until its new slot has all requests, and until its script has ended. */
  readonly servesMs: number;
  readonly hostMs: number;
  readonly steps: string;
  readonly number: number;
}

/** Until a host's port answers as another release than it did, as one who asks it all the time sees it. */
async function untilOther(url: string): Promise<void> {
  const release = async (): Promise<string | null> => (await fetch(`${url}/healthz`)).headers.get("x-release");
  const before = await release();
  while ((await release()) === before) await setTimeout(20);
}

async function timed(line: string): Promise<Timed> {
  const began = performance.now();
  const answered = Promise.all(urls.map(untilOther)).then(() => performance.now() - began);
  const { number, timings } = await threads<Rollout>(line);
  const commandMs = performance.now() - began;
  const steps = timings.map(({ step, tookMs }) => `${step} ${(tookMs / 1000).toFixed(1)}`).join(", ");
  const sum = (some: typeof timings): number => some.reduce((all, { tookMs }) => all + tookMs, 0);
  return {
    commandMs,
    answeredMs: await answered,
    servesMs: sum(timings.slice(0, timings.findIndex(({ step }) => step === "switch") + 1)),
    hostMs: sum(timings),
    steps,
    number,
  };
}

/** With the registry stopped, as a host has it whose network is gone. */
async function withoutRegistry<Result>(work: () => Promise<Result>): Promise<Result> {
  const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
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
    const part = seconds(all.map(({ hostMs }) => hostMs));
    process.stdout.write(
      `${previous.padEnd(8)} ${name.padEnd(27)} answered by all after ${answered}, command ${whole}, slowest host serves after ${serves}, ends after ${part}\n`,
    );
    process.stdout.write(`${" ".repeat(9)}${all.at(-1)?.steps ?? ""}\n`);
  }
}

try {
  editConfig("runtime:\n", "runtime:\n  strategy: slots\n");
  const up = await threads<UpResult>(`sandbox up --hosts staging=${hosts}`);
  urls = up.hosts.flatMap((host) => (host.env === "staging" && host.url !== null ? [host.url] : []));
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

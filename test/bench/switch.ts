// `npm run bench:switch`: one application in two slots is released, broken and rolled back, and its edge replaced, under two
// loads that never stop: ours, and autocannon from outside. Ends after 20 changes and 100,000 requests.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import autocannon from "autocannon";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { makeSlotsProject } from "../e2e/train-project.ts";
import { onHost } from "../e2e/on-host.ts";
import { failed, startLoad } from "../load/steady-load.ts";
import { median } from "./measure.ts";

const changesWanted = Number(process.env["BENCH_CHANGES"] ?? 20);
const requestsWanted = Number(process.env["BENCH_REQUESTS"] ?? 100_000);
const rate = { ours: 200, autocannon: 200 };

const project = makeSlotsProject();
let env: Readonly<Record<string, string>> = {};

/** @returns what `--json` printed; fails where the exit code is another one */
async function threads(line: string, code = 0): Promise<Record<string, unknown>> {
  const ended = await project.threads([...line.split(" "), "--json"], env);
  if (ended.code !== code) throw new Error(`threads ${line}: exit ${String(ended.code)}\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
}

async function release(change: string): Promise<void> {
  writeFileSync(join(project.root, "change"), `${change}\n`);
  project.git("commit", "-qam", change);
  await threads("smoke");
  await threads("publish");
}

function startAutocannon(url: string, overallRate: number): { stop(): Promise<autocannon.Result> } {
  let ended: (result: autocannon.Result) => void;
  const result = new Promise<autocannon.Result>((resolve) => (ended = resolve));
  // It ends when it is told to; a duration it must have.
  const options = { url, connections: 20, overallRate, duration: 86_400 };
  const running = autocannon(options, (_error: unknown, seen: autocannon.Result) => ended(seen));
  return {
    stop: () => {
      running.stop();
      return result;
    },
  };
}

interface Change {
  readonly what: "release" | "broken release" | "rollback";
  readonly tookMs: number;
}

/** What passes the hold that the last rollback has left; a broken release lifts none. */
let lift = "";

/** One change of production; every fifth release is broken, every second change has another edge. */
async function change(number: number, host: string): Promise<Change> {
  if (number % 2 === 0) onHost(host, "sh", "-c", `echo EXTRA=${8101 + (number % 3)} >>/etc/threads/threads.env`);
  const what = number % 5 === 4 ? "broken release" : number % 3 === 2 ? "rollback" : "release";
  const name = `change-${number}`;
  if (what === "broken release") onHost(host, "sh", "-c", `echo FAILS=${name} >>/etc/threads/threads.env`);
  if (what !== "rollback") await release(name);
  const began = performance.now();
  if (what === "rollback") lift = ` --lift-hold ${String((await threads("rollback -e staging"))["number"])}`;
  else await threads(`deploy -e staging${lift}`, what === "broken release" ? 5 : 0);
  if (what === "release") lift = "";
  return { what, tookMs: performance.now() - began };
}

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

try {
  const up = (await threads("sandbox up")) as unknown as UpResult;
  env = (await threads("sandbox env"))["variables"] as Record<string, string>;
  const [first] = up.hosts;
  const [url, id] = [first?.url ?? "", first?.id ?? ""];
  for (const step of ["smoke", "publish", "deploy -e staging"]) await threads(step);
  const load = startLoad(url, rate.ours);
  const reached = load.reached(requestsWanted / 2);
  const outside = startAutocannon(url, rate.autocannon);
  const changes: Change[] = [];
  for (let number = 0; number < changesWanted; number += 1) {
    const one = await change(number, id);
    changes.push(one);
    say(`${String(number + 1).padStart(3)}  ${one.what.padEnd(15)} ${(one.tookMs / 1000).toFixed(1)} s`);
  }
  await reached;
  const ours = await load.stop();
  const theirs = await outside.stop();
  const lost = failed(ours) + theirs.non2xx + theirs.errors + theirs.timeouts;
  for (const what of ["release", "broken release", "rollback"] as const) {
    const times = changes.filter((one) => one.what === what).map(({ tookMs }) => tookMs);
    if (times.length > 0)
      say(`${what.padEnd(15)} ${times.length} times, median ${(median(times) / 1000).toFixed(1)} s, whole command`);
  }
  say(
    `ours: ${ours.requests} requests, ${failed(ours)} failed, p99 ${ours.p99Ms.toFixed(0)} ms, longest gap ${ours.longestGapMs.toFixed(0)} ms`,
  );
  say(
    `autocannon: ${theirs.requests.total} requests, ${theirs.non2xx} not 2xx, ${theirs.errors} errors, p99 ${theirs.latency.p99} ms`,
  );
  say(`${ours.requests + theirs.requests.total} requests over ${changes.length} changes, ${lost} failed`);
  if (lost > 0) process.exitCode = 1;
} finally {
  await project.threads(["sandbox", "down", "--purge"]);
  await project.remove();
}

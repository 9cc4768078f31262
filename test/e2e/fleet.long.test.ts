import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LockResult } from "../../src/lib/actions/lock/result.ts";
import type { DoctorResult } from "../../src/lib/actions/doctor/result.ts";
import type { LogsResult } from "../../src/lib/actions/logs/result.ts";
import type { RolloutResult } from "../../src/lib/fleet/result.ts";
import type { StatusResult } from "../../src/lib/fleet/status-result.ts";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { type SteadyLoad, startLoad } from "../load/steady-load.ts";
import { journey } from "./journey.ts";
import { onHost } from "./on-host.ts";
import type { SpawnedCli } from "./spawned-cli.ts";
import { type Ended, makeSlotsProject, type TrainProject } from "./train-project.ts";

// Three real hosts that take orders by documents alone, by a deployer who has no shell there: what a switch of all of them costs
// those who are asking, and that they come to one release whoever dies meanwhile. test/lib/faults has every such fault at every step.
journey();

let project: TrainProject;
let world: UpResult;
type Variables = Readonly<Record<string, string>>;
let owner: Variables = {};
/** Of the deployer, once the documents are there. */
let env: Variables = {};
/** The revision that is deployed more than once. */
let second = "";
const loads: SteadyLoad[] = [];

const start = (line: string): SpawnedCli => project.start(line.split(" "), env);
const threads = (line: string, as = env): Promise<Ended> => project.threads(line.split(" "), as);
const json = async <T = Record<string, unknown>>(line: string, as = env): Promise<T> => {
  const ended = await threads(`${line} --json`, as);
  if (ended.code !== 0) throw new Error(`threads ${line}: exit ${String(ended.code)}\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as T;
};
const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
const container = (index: number): string =>
  docker("ps", "-aq", "--filter", `label=threads.host=${world.hosts[index]?.id ?? ""}`);
const on = (index: number, ...command: string[]): string => onHost(world.hosts[index]?.id ?? "", ...command);
const answers = (): Promise<string[]> =>
  Promise.all(world.hosts.map(async ({ url }) => (await fetch(url ?? "")).text()));
/** Names of the running containers of a service, over all hosts that are up. */
const running = (service: string, ...indexes: number[]): string[] =>
  indexes.flatMap((index) =>
    on(index, "docker", "ps", "--format", "{{.Names}}")
      .split("\n")
      .filter((name) => name.includes(`-${service}-`))
      .map((name) => `${String(index)} ${name}`),
  );
/** Publishes what smoke has passed. */
async function release(change: string): Promise<string> {
  writeFileSync(join(project.root, "change"), `${change}\n`);
  project.git("commit", "-qam", change);
  await json("smoke", owner);
  await json("publish", owner);
  return project.git("rev-parse", "HEAD");
}

/** What runs by the word of those who answer, of the ledger and of docker, over all hosts. */
async function standing() {
  const { environments, outcome } = await json<StatusResult>("status -e staging");
  const all = world.hosts.map((_, index) => index);
  const webs = running("web", ...all).map((one) => one.split(" "));
  const images = webs.map(([index, name = ""]) =>
    on(Number(index), "docker", "inspect", "--format", "{{.Image}}", name),
  );
  return {
    answers: await answers(),
    outcome,
    problems: environments[0]?.problems,
    webs: webs.length,
    images: new Set(images).size,
    beats: running("beat", ...all).length,
  };
}
/** One release on every host, and one beat over all of them. */
const allOn = (change: string): Awaited<ReturnType<typeof standing>> => ({
  answers: world.hosts.map(() => change),
  outcome: "as-deployed",
  problems: [],
  webs: world.hosts.length,
  images: 1,
  beats: 1,
});

beforeAll(async () => {
  project = makeSlotsProject();
  const file = join(project.root, "threads.yml");
  const text = readFileSync(file, "utf8").replace(
    "{ hosts: { tag: threads-env=staging } }",
    "{ batch: 2, hosts: { tag: threads-env=staging, minimum: 2, documents: true, log_group: /threads/staging } }",
  );
  writeFileSync(file, text);
  project.git("commit", "-qam", "Documents");
  world = await json<UpResult>("sandbox up --hosts staging=3");
  owner = (await json("sandbox env"))["variables"] as Variables;
  env = owner;
  await json("smoke");
  await json("publish");
});
afterAll(async () => {
  await Promise.all(loads.map((load) => load.stop()));
  await project.remove();
});

test("nothing is sent before the documents are there; then a deployer without a shell deploys", async () => {
  const refused = await threads("deploy -e staging");
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining("[HOST_DOCUMENT]") });
  expect(refused.stderr).toContain("next: threads doctor -e staging --fix");
  await json("doctor -e staging --fix");
  env = (await json("sandbox env --role staging-deployer"))["variables"] as Variables;
  expect(await json("deploy -e staging")).toMatchObject({ outcome: "deployed" });
  expect(await standing()).toEqual(allOn("first"));
  const said = await threads("exec -e staging web -- cat /srv/change");
  expect(said).toMatchObject({ code: 0, stdout: "first\n" });
});

test("a release and the way back, under a load on all three: nobody notices", async () => {
  second = await release("second");
  loads.push(...world.hosts.map(({ url }) => startLoad(url ?? "", 30)));
  await json<RolloutResult>("deploy -e staging");
  expect(await standing()).toEqual(allOn("second"));
  await json<RolloutResult>("rollback -e staging");
  expect(await standing()).toEqual(allOn("first"));
  const seen = await Promise.all(loads.splice(0).map((load) => load.stop()));
  expect(seen.flatMap(({ firstFailures }) => firstFailures)).toEqual([]);
  for (const load of seen) expect(Object.keys(load.answers).toSorted()).toEqual(["first", "second"]);
});

test("of two engineers one is told who is at work; the other one is killed with -9, and the next deployment makes one release of it", async () => {
  // After a rollback nothing comes by itself.
  const line = "deploy -e staging --lift-hold 3";
  const killed = start(line);
  await killed.seen("staging-1");
  const other = await threads(line);
  expect(other).toMatchObject({ code: 4, stderr: expect.stringContaining("deployment 4") });
  killed.child.kill("SIGKILL");
  await killed.ended;
  const { lease } = await json<LockResult>("lock -e staging");
  const waitsFrom = Date.now();
  const next = await json<RolloutResult>(`${line} --wait`);
  expect(next).toMatchObject({ outcome: "deployed", number: 5 });
  expect(await standing()).toEqual(allOn("second"));
  await expectBegunWhenDead(lease?.beatAt ?? "", waitsFrom);
});

interface Asked {
  readonly at: string;
  readonly operation?: string;
  /** What the deployer's role was needed for. */
  readonly used?: readonly string[];
}

/**
 * By the server's own log: as long as the holder of the lease may live it is looked at, and its lease is not taken before a look
 * has found it 11 s without a beat. How soon after, lease.test has on a clock of its own: here a slow host may still be at the
 * work that it was given, or the holder be dead before anybody waits. Replies say whole seconds.
 */
async function expectBegunWhenDead(beatAt: string, waitsFrom: number): Promise<void> {
  const response = await fetch(`${world.endpoint}/_sandbox/log?since=0`);
  const { entries } = (await response.json()) as { readonly entries: readonly Asked[] };
  // Of records and commands: hosts' agents have calls of their own, and who somebody is can be asked at any time.
  const about = /^(?:GetParameters|GetParametersByPath|PutParameter|DeleteParameter|SendCommand)$/;
  const since = entries.filter(
    ({ at, operation = "" }) => Date.parse(at) > Date.parse(beatAt) && about.test(operation),
  );
  const isOn = (name: string, { operation, used = [] }: Asked): boolean =>
    operation === name && used.length === 1 && used[0]?.endsWith("/staging/lock") === true;
  // A look within 50 ms of a whole second may have been told the one before.
  const isDead = ({ at }: Asked): boolean =>
    Math.floor((Date.parse(at) - 50) / 1_000) * 1_000 - Date.parse(beatAt) >= 11_000;
  const found = since.findIndex((one) => isOn("GetParameters", one) && isDead(one));
  // The beat itself may be the first that the log has.
  const taken = since.findIndex((one) => isOn("PutParameter", one) && Date.parse(one.at) - Date.parse(beatAt) > 1_000);
  expect(taken).toBeGreaterThan(found);
  const looks = (some: readonly Asked[]): number => some.filter((one) => isOn("GetParameters", one)).length;
  const waited = since.slice(0, found).filter(({ at }) => Date.parse(at) >= waitsFrom);
  const wasDead = waitsFrom - Date.parse(beatAt) > 9_000;
  expect({ waited: looks(waited) > 0 || wasDead }).toEqual({ waited: true });
}

test("a host loses its power while it is switched, and comes back: the run or the next one makes one release of it", async () => {
  await release("third");
  const run = start("deploy -e staging");
  await run.seen("staging-2");
  docker("kill", container(1));
  docker("start", container(1));
  // The agent begins the script again: it may come through, or lead back, and whoever waits is told which.
  const code = await run.ended;
  if (code !== 0) await json("deploy -e staging");
  expect(await standing()).toEqual(allOn("third"));
});

test("the host with the beat dies: another one gets it, and the returned one gives its own up", async () => {
  const leader = world.hosts.findIndex((_, index) => running("beat", index).length > 0);
  const { id = "" } = world.hosts[leader] ?? {};
  docker("kill", container(leader));
  await json(`deploy -e staging ${second} --allow-older --without ${id}`);
  const others = world.hosts.map((_, index) => index).filter((index) => index !== leader);
  expect(running("beat", ...others)).toHaveLength(1);
  docker("start", container(leader));
  await expect
    .poll(async () => (await threads("status -e staging")).stdout, { timeout: 60_000 })
    .not.toContain("offline");
  await json("converge -e staging");
  expect(await standing()).toEqual(allOn("second"));
});

test("the whole log of a deployment is in CloudWatch Logs, and outlives its host", async () => {
  const { number = 0 } = (await json<StatusResult>("status -e staging")).environments[0]?.release ?? {};
  // It has brought the returned host, and no other one.
  const file = `${String(number)}.log`;
  const brought = world.hosts.findIndex((_, index) =>
    on(index, "ls", "/var/lib/threads/log").split("\n").includes(file),
  );
  const { id = "", name = "" } = world.hosts[brought] ?? {};
  const onDisk = on(brought, "cat", `/var/lib/threads/log/${file}`).split("\n");
  docker("rm", "-f", "-v", container(brought));
  const { lines } = await json<LogsResult>(`logs -e staging --deployment ${String(number)}`);
  const said = (lines ?? []).filter(({ host }) => host === name || host === id).map(({ text }) => text);
  expect(said).toEqual(onDisk);
  const row = (await json<DoctorResult>("doctor -e staging", owner)).checks.find(({ check }) => check === "log-group");
  expect(row).toMatchObject({ state: "ok" });
});

test("a host is gone for good and another one comes: both are found by themselves", async () => {
  world = await json<UpResult>("sandbox up --hosts staging=4");
  await json("converge -e staging");
  expect(await standing()).toEqual(allOn("second"));
});

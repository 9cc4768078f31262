import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RolloutResult } from "../../src/lib/fleet/result.ts";
import type { StatusResult } from "../../src/lib/fleet/status-result.ts";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { type SteadyLoad, startLoad } from "../load/steady-load.ts";
import { journey } from "./journey.ts";
import { onHost } from "./on-host.ts";
import { type Ended, makeSlotsProject, type TrainProject } from "./train-project.ts";

// A release that gets its requests step by step through a real edge: a good one comes through, a bad one is sent back by itself
// at the cost of its own failures alone, and where hardly anybody asks it waits for a person.

let project: TrainProject;
let env: Readonly<Record<string, string>> = {};
let world: UpResult;
let load: SteadyLoad | undefined;
const threads = (line: string): Promise<Ended> => project.threads(line.split(" "), env);
const json = async <T = Record<string, unknown>>(line: string): Promise<T> => {
  const ended = await threads(`${line} --json`);
  if (ended.code !== 0) throw new Error(`threads ${line}: exit ${String(ended.code)}\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as T;
};
const url = (): string => world.hosts[0]?.url ?? "";
const answer = async (): Promise<string> => (await fetch(url())).text();
const weighed = async () => (await json<StatusResult>("status -e staging")).environments[0]?.weighed;
const running = (): string[] =>
  onHost(world.hosts[0]?.id ?? "", "docker", "ps", "--format", "{{.Names}}")
    .split("\n")
    .filter((name) => name.includes("-web-") || name.includes("-beat-"))
    .toSorted();

/** Publishes what smoke has passed. */
async function release(change: string): Promise<void> {
  writeFileSync(join(project.root, "change"), `${change}\n`);
  project.git("commit", "-qam", change);
  await json("smoke");
  await json("publish");
}

beforeAll(async () => {
  project = makeSlotsProject();
  world = await json<UpResult>("sandbox up");
  env = (await json("sandbox env"))["variables"] as Record<string, string>;
  await json("smoke");
  await json("publish");
});
afterAll(async () => {
  await load?.stop();
  await project.remove();
});
journey();

test("where nothing serves yet there is nothing to compare with: refused by name", async () => {
  const { code, stderr } = await threads("deploy -e staging --weights 30,100");
  expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining("without a release in a slot") });
  expect(await json("deploy -e staging --weights 100")).toMatchObject({ outcome: "deployed", weights: null });
});

test("a good release: both answer for a while, and then it alone", async () => {
  await release("second");
  load = startLoad(url(), 60);
  const deployed = await json<RolloutResult>("deploy -e staging --weights 30,100");
  expect(deployed).toMatchObject({
    outcome: "deployed",
    weighed: [{ step: 1, weight: 30, verdict: "as-good", old: { failed: 0 }, new: { failed: 0 } }],
    hosts: [{ traffic: { failed: 0 } }],
  });
  const [{ old, new: own } = { old: null, new: null }] = deployed.weighed;
  // Of what was asked it has had its part.
  const part = (own?.requests ?? 0) / ((own?.requests ?? 0) + (old?.requests ?? 0));
  expect(part).toBeGreaterThan(0.27);
  expect(part).toBeLessThan(0.33);
  expect(own?.p90Ms).toBeGreaterThan(0);
  const seen = await load.stop();
  expect({ failures: seen.failures, answers: Object.keys(seen.answers).toSorted() }).toEqual({
    failures: {},
    answers: ["first", "second"],
  });
  expect(await weighed()).toBeNull();
});

test("of one that fails twice in a hundred everything is taken away, and nobody has lost more than those", async () => {
  await release("faulty");
  load = startLoad(url(), 60);
  const { code, stderr } = await threads("deploy -e staging --weights 30,100");
  expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining("fails more often") });
  const seen = await load.stop();
  expect(Object.keys(seen.failures)).toEqual(["500"]);
  expect(Object.keys(seen.answers).toSorted()).toEqual(["faulty", "second"]);
  // What was planted, and no more.
  expect(seen.failures["500"]).toBeLessThanOrEqual(Math.ceil(((seen.answers["faulty"] ?? 0) + 20) / 49));
  expect(running()).toEqual(["ticker-blue-beat-1", "ticker-blue-web-1"].map((name) => name.replace("blue", slot())));
  expect(await json("status -e staging")).toMatchObject({ outcome: "as-deployed" });
});

test("one that lets everybody wait goes back as well, at no cost but the wait", async () => {
  await release("lazy");
  load = startLoad(url(), 60);
  const { code, stderr } = await threads("deploy -e staging --weights 30,100");
  expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining("is slower") });
  const seen = await load.stop();
  expect({ failures: seen.failures, answer: await answer() }).toEqual({ failures: {}, answer: "second" });
});

test("three requests a minute say nothing: it waits for a person, and says so", async () => {
  await release("quiet");
  const asking = setInterval(() => void fetch(url()).catch(() => undefined), 20_000);
  const { code, stderr } = await threads("deploy -e staging --weights 30,100");
  clearInterval(asking);
  expect({ code, stderr }).toMatchObject({
    code: 6,
    stderr: expect.stringMatching(/cannot be judged: the new slot has given \d of the 300 answers/),
  });
  expect(stderr).toContain("threads deploy -e staging --continue 2");
  // Its singleton has not begun, and the old one beats.
  expect(running().filter((name) => name.includes("-beat-"))).toHaveLength(1);
  expect(await weighed()).toMatchObject({ step: 1, weight: 30, next: "threads deploy -e staging --continue 2" });
  const shown = await threads("status -e staging");
  expect(shown.stdout).toMatch(/30 % on [0-9a-f]+ since .* step 1 of 30, 100\), waiting for a person/);
});

test("a host that is started anew serves the old release alone, and what waits goes on by its index", async () => {
  const host = execFileSync("docker", ["ps", "-q", "--filter", `label=threads.host=${world.hosts[0]?.id ?? ""}`], {
    encoding: "utf8",
  }).trim();
  execFileSync("docker", ["restart", "-t", "1", host]);
  await expect.poll(() => answer().catch(() => ""), { timeout: 60_000 }).toBe("second");
  const answers = await Promise.all(Array.from({ length: 20 }, answer));
  expect(new Set(answers)).toEqual(new Set(["second"]));
  await expect.poll(async () => (await threads("status -e staging --json")).code, { timeout: 60_000 }).toBe(5);
  expect(await json("deploy -e staging --continue 2")).toMatchObject({ outcome: "deployed" });
  expect(await answer()).toBe("quiet");
  expect(await json("deploy -e staging --continue 2")).toMatchObject({ outcome: "behind" });
});

test("a deployer that is killed: what it left is one release again by a rollback", async () => {
  await release("killed");
  const cli = project.start("deploy -e staging --weights 30,100".split(" "), env);
  await expect.poll(async () => (await weighed())?.weight, { timeout: 120_000 }).toBe(30);
  cli.child.kill("SIGKILL");
  await cli.ended.catch(() => undefined);
  expect(await json("rollback -e staging --wait")).toMatchObject({ kind: "rollback", outcome: "deployed" });
  expect(await answer()).toBe("quiet");
  expect(running().filter((name) => name.includes("-web-"))).toHaveLength(1);
  expect(await json("status -e staging")).toMatchObject({ outcome: "as-deployed", environments: [{ weighed: null }] });
});

function slot(): string {
  return onHost(world.hosts[0]?.id ?? "", "readlink", "/var/lib/threads/current")
    .replace("slots/", "")
    .trim();
}

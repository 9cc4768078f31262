import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RehearseResult } from "../../src/lib/actions/rehearse/result.ts";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { until } from "../../src/lib/clock/until.ts";
import type { GatesResult } from "../../src/lib/gates/result.ts";
import { sandboxId } from "../../src/lib/sandbox/layout.ts";
import { journey } from "./journey.ts";
import type { SpawnedCli } from "./spawned-cli.ts";
import { type Ended, makeRehearsalProject, type TrainProject } from "./train-project.ts";

// What a release does to the one before it, found before production sees it: real migrations on a real PostgreSQL.

let project: TrainProject;
let env: Readonly<Record<string, string>> = {};
let first: string;
const threads = (line: string): Promise<Ended> => project.threads(line.split(" "), env);
const json = async (line: string): Promise<Record<string, unknown>> => {
  const ended = await threads(`${line} --json`);
  if (ended.code !== 0) throw new Error(`threads ${line}: exit ${String(ended.code)}\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
};
const docker = (...args: string[]): string[] =>
  execFileSync("docker", args, { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "");

/** Publishes a release beside the first: its changes are to that, by file. */
async function release(changes: Readonly<Record<string, string>>): Promise<string> {
  project.git("reset", "-q", "--hard", first);
  for (const [file, text] of Object.entries(changes)) writeFileSync(join(project.root, file), `${text}\n`);
  project.git("add", "-A");
  project.git("commit", "-qm", "A release");
  await json("smoke");
  await json("publish");
  return project.git("rev-parse", "HEAD");
}

type Rehearsal = Exclude<RehearseResult, { readonly outcome: "planned" }>;

interface Begun {
  readonly cli: SpawnedCli;
  /** Short name of its sandbox, with which all that it has begins. */
  readonly id: string;
}

/** Starts it, and waits for its folder: from then on there is something to leave behind. */
async function begin(revision: string, ...flags: string[]): Promise<Begun> {
  const folder = join(project.root, ".threads", "rehearsals");
  const others = new Set(existsSync(folder) ? readdirSync(folder) : []);
  const cli = project.start(["rehearse", revision, "-e", "prod", ...flags], env);
  const named = async (): Promise<string | undefined> =>
    (existsSync(folder) ? readdirSync(folder) : []).find((name) => /^[0-9a-f]{8}$/.test(name) && !others.has(name));
  const found = await Promise.race([
    until(named, { clock: systemClock, timeoutMs: 60_000, pauseMs: 20 }),
    cli.ended.then(() => undefined),
  ]);
  if (found === undefined) throw new Error(`threads rehearse has begun nothing:\n${cli.stderr()}`);
  return { cli, id: sandboxId(join(folder, found)) };
}

/** All that docker has of a rehearsal's sandbox. */
const left = (id: string): string[] => [
  ...docker("ps", "-a", "--filter", `label=threads.sandbox=${id}`, "--format", "{{.Names}}"),
  ...docker("volume", "ls", "--filter", `label=threads.sandbox=${id}`, "--format", "{{.Name}}"),
  ...docker("network", "ls", "--filter", `label=threads.sandbox=${id}`, "--format", "{{.Name}}"),
];

/** Limits that a busy machine keeps as well: that requests fail, and locks, are no matter of speed. Nothing of it may be left. */
async function rehearsed(revision: string): Promise<Rehearsal & { readonly code: number | null }> {
  const { cli, id } = await begin(revision, "--rate", "5", "--lock", "2s", "--json");
  const code = await cli.ended;
  if (cli.stdout() === "") throw new Error(`threads rehearse: exit ${String(code)}\n${cli.stderr()}`);
  expect(left(id)).toEqual([]);
  expect(existsSync(join(project.root, ".threads", "rehearsals"))).toBe(false);
  return { ...(JSON.parse(cli.stdout()) as Rehearsal), code };
}

async function gate(revision: string): Promise<GatesResult["gates"][number] | undefined> {
  const { stdout } = await threads(`gates ${revision} -e prod --json`);
  return (JSON.parse(stdout) as GatesResult).gates.find((one) => one.gate === "rehearsed");
}

beforeAll(async () => {
  project = makeRehearsalProject();
  first = project.sha;
  await json("sandbox up");
  env = (await json("sandbox env"))["variables"] as Record<string, string>;
  await json("smoke");
  await json("publish");
});
afterAll(() => project.remove());
journey();

test("where nothing runs yet there is nothing to rehearse, and the gate is open", async () => {
  expect(await threads("rehearse -e prod")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("nothing was ever deployed to prod"),
  });
  expect(await gate(first)).toMatchObject({ state: "passed" });
  await json(`promote ${first} -e prod`);
  expect(await json(`deploy -e prod ${first}`)).toMatchObject({ outcome: "deployed" });
});

test("a release that lives beside the one before passes, and the gate is open to it", async () => {
  const good = await release({ "migrations/0002_note.expand.sql": "ALTER TABLE posts ADD COLUMN note text;" });
  expect(await gate(good)).toMatchObject({ state: "missing", next: [`threads rehearse ${good} -e prod`] });
  const result = await rehearsed(good);
  expect(result).toMatchObject({
    says: "",
    outcome: "passed",
    code: 0,
    recorded: true,
    from: { revision: first, deployment: 1 },
    to: { revision: good },
    hosts: { count: 1, there: 1, says: "" },
    strategy: "slots",
    noRollback: "",
    total: { errors: 0 },
    last: { number: 1, revision: first },
  });
  expect(result.total.requests).toBeGreaterThan(50);
  const steps = result.phases.map(({ part, step }) => `${part} ${step}`);
  expect(steps).toEqual(expect.arrayContaining(["before ", "deploy migrate", "deploy switch", "served ", "after "]));
  expect(result.phases.find(({ step }) => step === "migrate")?.lastMs).toBeGreaterThan(0);
  expect(result.memory?.mostBytes).toBeGreaterThan(0);
  expect(await gate(good)).toMatchObject({ state: "passed" });
  // Production never knew of it.
  expect(project.git("status", "--porcelain")).toBe("");
  expect(await json("status -e prod")).toMatchObject({ environments: [{ release: { revision: first } }] });
});

test("a migration that locks a table is found, and what was killed before it is removed", async () => {
  const locks = await release({
    "migrations/0002_lock.expand.sql": "BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(5); COMMIT;",
  });
  const killed = await begin(locks);
  await killed.cli.seen("Host prod-1");
  killed.cli.child.kill("SIGKILL");
  await killed.cli.ended;
  expect(left(killed.id)).not.toEqual([]);
  const result = await rehearsed(locks);
  expect(result).toMatchObject({ outcome: "failed", code: 5, recorded: false });
  expect(result.says).toMatch(/^posts\.0002_lock locks the table posts for \d.*\(AccessExclusiveLock\)/);
  expect(result.locks?.[0]).toMatchObject({ table: "posts", mode: "AccessExclusiveLock" });
  expect(result.locks?.[0]?.heldMs).toBeGreaterThan(3_000);
  // Those who asked meanwhile have waited for it.
  const waits = result.phases.filter(({ part }) => part === "deploy").map(({ maxMs }) => maxMs ?? 0);
  expect(Math.max(...waits)).toBeGreaterThan(3_000);
  expect(await gate(locks)).toMatchObject({ state: "missing" });
  expect(left(killed.id)).toEqual([]);
});

test("a migration that the release before does not survive is found, and named", async () => {
  const breaks = await release({
    "migrations/0002_headline.expand.sql": "ALTER TABLE posts RENAME COLUMN title TO headline;",
    query: "SELECT headline FROM posts",
  });
  const result = await rehearsed(breaks);
  expect(result).toMatchObject({ outcome: "failed", code: 5, recorded: false });
  expect(result.says).toMatch(
    new RegExp(`^${first.slice(0, 7)}\\w*, which still serves, fails .* it does not survive posts\\.0002_headline$`),
  );
  expect(result.errors).toMatchObject([{ says: "status 500" }]);
});

test("Ctrl-C ends it, and nothing of it is left", async () => {
  const { cli, id } = await begin("HEAD");
  await cli.seen("Copied ");
  expect(left(id)).not.toEqual([]);
  cli.child.kill("SIGINT");
  expect(await cli.ended).toBe(130);
  expect(left(id)).toEqual([]);
});

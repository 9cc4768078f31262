import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { deploy } from "../../src/lib/actions/deploy/run.ts";
import type { Deployment } from "../../src/lib/ledger/ledger.ts";
import { type SpawnedCli, spawnCli } from "../e2e/spawned-cli.ts";
import { startFakeDistribution } from "../fakes/distribution.ts";
import { Fleet, sha } from "../fakes/fleet.ts";
import { credentials, openSandbox, region, type OpenSandbox } from "../lib/sandbox/server/open-sandbox.ts";
import { requireBuild } from "./built.ts";

requireBuild();

// The command itself, in its own process, with real signals: what the rooms below make of them is tested there.

const home = mkdtempSync(join(tmpdir(), "threads-leaving-"));
let sandbox: OpenSandbox;
let fleet: Fleet;
let release: () => void = () => undefined;
beforeAll(async () => {
  writeFileSync(join(home, "threads.yml"), readFileSync(new URL("../../threads.yml", import.meta.url)));
  sandbox = await openSandbox({ upstream: (await startFakeDistribution()).upstream });
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(home, { recursive: true });
});
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two"]) {
    fleet.publish(word);
    await deploy(
      { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined },
      fleet.ports(),
    );
  }
});
afterEach(async () => {
  release();
  await fleet.close();
});

function start(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): SpawnedCli {
  return spawnCli(home, args, {
    entry: "run",
    env: {
      AWS_ENDPOINT_URL: sandbox.url,
      AWS_ENDPOINT_URL_SSM: fleet.ssm.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      ECR_REPO: `127.0.0.1:${sandbox.port}/threads/`,
      GITHUB_ACTIONS: undefined,
      GITHUB_STEP_SUMMARY: undefined,
      ...env,
    },
  });
}

/** `threads rollback`, with both hosts at work. */
async function rollbackAtWork(env: Readonly<Record<string, string | undefined>> = {}): Promise<SpawnedCli> {
  const { promise: released, resolve } = Promise.withResolvers<void>();
  const begun = fleet.hosts.map((host) => {
    const { promise, resolve: begin } = Promise.withResolvers<void>();
    host.behaviours.push({ until: released });
    host.onDeploy = begin;
    return promise;
  });
  release = resolve;
  const cli = start(["rollback", "-e", "prod"], env);
  const early = cli.ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${cli.stderr()}`)));
  await Promise.race([Promise.all(begun), early]);
  early.catch(() => undefined);
  return cli;
}

const last = async (): Promise<Deployment | undefined> =>
  (await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments[0];
/** What became of it once it has gone, and of the hosts that have not. */
async function left(cli: SpawnedCli): Promise<object> {
  const code = await cli.ended;
  const ended = { code, outcome: (await last())?.outcome, cancelled: fleet.ssm.count("CancelCommand") };
  const atWork = fleet.hosts.map(({ busy }) => busy);
  release();
  await expect.poll(() => fleet.hosts.some(({ busy }) => busy)).toBe(false);
  return { ...ended, atWork, says: cli.stderr(), runs: fleet.revisions("one", "two") };
}

const leftAlone = {
  code: 130,
  outcome: { result: "interrupted", hosts: [{ state: "unknown" }, { state: "unknown" }] },
  cancelled: 0,
  atWork: [true, true],
  says: expect.stringMatching(/goes on without us[\s\S]*threads status -e prod/),
  runs: ["one", "one"],
};

it("nobody leaves, and a job's log tells what the hosts are at while they work", async () => {
  for (const host of fleet.hosts) host.log = { step: "switch", quietSeconds: 0 };
  const cli = await rollbackAtWork({ GITHUB_ACTIONS: "true", GITHUB_ACTOR: "ada" });
  await cli.seen(": coming up\n");
  release();
  expect(await cli.ended).toBe(0);
});

it("a cancelled job: INT, and TERM after it", async () => {
  const cli = await rollbackAtWork();
  cli.child.kill("SIGINT");
  await cli.seen("the hosts may finish");
  cli.child.kill("SIGTERM");
  expect(await left(cli)).toMatchObject(leftAlone);
});

it("a terminal that is closed: HUP alone", async () => {
  const cli = await rollbackAtWork();
  cli.child.kill("SIGHUP");
  expect(await left(cli)).toMatchObject(leftAlone);
});

it("a cancelled job on GitHub is over before its TERM comes", async () => {
  const cli = await rollbackAtWork({ GITHUB_ACTIONS: "true", GITHUB_ACTOR: "ada" });
  cli.child.kill("SIGINT");
  expect(await left(cli)).toMatchObject(leftAlone);
});

it.each([
  ["history", "GetParametersByPath"],
  ["rollback", "DescribeInstanceInformation"],
])("Ctrl-C in %s, which only looks yet and waits for AWS", async (verb, operation) => {
  fleet.ssm.fail(operation, ...Array.from({ length: 1000 }, () => "drop" as const));
  const cli = start([verb, "-e", "prod"]);
  await cli.seen("AWS is silent while");
  expect(cli.stderr()).toContain("trying again for up to 2 min");
  cli.child.kill("SIGINT");
  expect(await cli.ended).toBe(130);
  expect(fleet.ssm.count(operation)).toBeLessThan(20);
});

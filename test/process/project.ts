import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { deploy } from "../../src/lib/actions/deploy/run.ts";
import type { AwsService } from "../../src/lib/aws/early/endpoints.ts";
import { parseRawModel } from "../../src/lib/compose/raw-model.ts";
import { checksOfSmoke } from "../../src/lib/config/checks-for.ts";
import type { Config } from "../../src/lib/config/config.ts";
import { loadConfig } from "../../src/lib/config/load.ts";
import type { Ledger } from "../../src/lib/ledger/ledger.ts";
import { smallProcesses } from "../lib/process/small-shell.ts";
import { connectRegistry } from "../../src/lib/registry/ecr/ecr.ts";
import type { PublishedRelease } from "../../src/lib/release/release.ts";
import { gitSource } from "../../src/lib/source/git.ts";
import { parse } from "yaml";
import { example } from "../fakes/config.ts";
import { runtimeFile } from "../fakes/compose-files.ts";
import { spawnCli } from "../e2e/spawned-cli.ts";
import { startFakeDistribution } from "../fakes/distribution.ts";
import { repoAt } from "../fakes/ecr-repo.ts";
import { Fleet } from "../fakes/fleet.ts";
import { publishRelease } from "../fakes/published-release.ts";
import { credentials, openSandbox, region } from "../lib/sandbox/server/open-sandbox.ts";
import { type TestRepository, testRepository } from "../lib/source/repository.ts";

/** How a command ended, and whom of AWS it asked. */
export interface Ended {
  readonly code: number | null;
  /** Of stdout. */
  readonly json: Record<string, unknown>;
  readonly stderr: string;
  readonly asked: readonly AwsService[];
}

/**
 * A checkout with a release in staging, another that is only published, and a prod that has had two; around it the
 * sandbox's ECR and STS, and hosts that answer. No Docker: `docker` is a script that tells its version, and what a compose file says.
 */
export interface Project extends AsyncDisposable {
  readonly repository: TestRepository;
  readonly ledger: Ledger;
  /** Runs in staging; its smoke test is on record, so that it may go to prod. */
  readonly verified: PublishedRelease;
  /** Of HEAD. */
  readonly newest: PublishedRelease;
  /** What its commands are given of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the hosts of prod have written in a deployment. */
  logOf(number: number, lines: readonly string[]): void;
  /** Runs a command in its own process, with `--json`. */
  threads(...args: readonly string[]): Promise<Ended>;
}

const services = ["web", "celery", "celery-beat", "nginx"];

export async function openProject(): Promise<Project> {
  const distribution = await startFakeDistribution();
  const sandbox = await openSandbox({ upstream: distribution.upstream });
  for (const name of [...services, "bundle"])
    await sandbox.ecr.send(
      new CreateRepositoryCommand({ repositoryName: `threads/${name}`, imageTagMutability: "IMMUTABLE" }),
    );
  const repository = testRepository();
  // No repository for an edge: hosts replace their containers here.
  repository.write("threads.yml", example.replace("# strategy: recreate", "strategy: recreate"));
  // JSON is YAML, and so what docker says of it is what it says itself.
  repository.write("backend/docker-compose-prod.yml", JSON.stringify(parse(runtimeFile(services))));
  const fleet = await Fleet.open(2);
  fleet.addHost("i-00000000000000003", "staging");
  const host = `127.0.0.1:${sandbox.port}`;
  const repo = repoAt(host);
  const { clock } = fleet;
  const registry = connectRegistry({ repo, aws: { ecr: () => Promise.resolve(sandbox.ecr) }, clock });
  const source = gitSource({ processes: smallProcesses, root: repository.root });
  const config = loadConfig({ start: repository.root, file: join(repository.root, "threads.yml"), env: {} });
  const compose = { openModel: async ([file = ""]: readonly string[]) => parseRawModel(readFileSync(file, "utf8")) };
  const sources = { config, source, compose, signal: new AbortController().signal };
  const verified = await publishRelease({ text: "one", services }, { registry, repo, repository, sources });
  const newest = await publishRelease({ text: "two", services }, { registry, repo, repository, sources });
  const { ledger } = fleet.ports();
  await deployed(fleet, { repo, registry, source })("staging", verified.release.revision);
  for (const word of ["one", "two"]) await deployed(fleet, {})("prod", fleet.publish(word));
  await ledger.attest(verified.digest, smokeOf(verified, config));
  const programs = dockerThatTellsItsVersion();
  const env = {
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_ENDPOINT_URL_SSM: fleet.ssm.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    ECR_REPO: `${host}/threads/`,
    GITHUB_ACTIONS: undefined,
    THREADS_CONFIG: undefined,
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
  };
  return {
    repository,
    ledger,
    verified,
    newest,
    env,
    logOf: (number, lines) => {
      for (const { logs } of fleet.hosts) logs.deployments.set(number, lines);
    },
    threads: async (...args) => {
      const { last } = await sandbox.log();
      const before = fleet.ssm.calls.length;
      const cli = spawnCli(repository.root, withJson(args), { entry: "run", env });
      const code = await cli.ended;
      const { entries } = await sandbox.log(last);
      const operations = entries.flatMap(({ operation }) => operation ?? []);
      const asked = new Set(operations.map((name): AwsService => (name === "GetCallerIdentity" ? "sts" : "ecr")));
      if (fleet.ssm.calls.length > before) asked.add("ssm");
      return { code, json: jsonOf(cli.stdout()), stderr: cli.stderr(), asked: [...asked].toSorted() };
    },
    [Symbol.asyncDispose]: async () => {
      await fleet.close();
      await sandbox.stop();
      await distribution.stop();
      repository[Symbol.dispose]();
      rmSync(programs, { recursive: true });
    },
  };
}

function deployed(fleet: Fleet, change: Parameters<Fleet["ports"]>[0]) {
  return (environment: string, release: string): Promise<unknown> =>
    deploy({ environment, release, dryRun: false, force: false, supersede: undefined }, fleet.ports(change));
}

function smokeOf({ release }: PublishedRelease, config: Config): Parameters<Ledger["attest"]>[1] {
  const images = Object.entries(release.images).map(([service, { digest }]) => [service, digest] as const);
  return {
    schema: 1,
    kind: "smoke",
    revision: release.revision,
    images: Object.fromEntries(images),
    checks: checksOfSmoke(config).map(({ path, status }) => ({ path, status, ok: true, ms: 12 })),
    moreChecks: 0,
    by: { user: "ada", host: "laptop" },
    at: "2026-11-22T10:00:00.000Z",
    version: "1.0.0",
  };
}

/** Of compose it knows `config`, of a file that is JSON. @returns the folder that it lies in, for PATH */
function dockerThatTellsItsVersion(): string {
  const folder = mkdtempSync(join(tmpdir(), "threads-programs-"));
  const lines = [
    "#!/bin/sh",
    'case "$1" in',
    '  compose) while [ $# -gt 0 ]; do if [ "$1" = -f ]; then exec cat "$2"; fi; shift; done; echo 2.26.1 ;;',
    "  buildx) echo github.com/docker/buildx v0.13.1 788433953af1 ;;",
    "  version) echo 26.1.5 ;;",
    '  *) echo "no $1 here" >&2; exit 1 ;;',
    "esac",
  ];
  writeFileSync(join(folder, "docker"), `${lines.join("\n")}\n`);
  chmodSync(join(folder, "docker"), 0o755);
  return folder;
}

/** What stands behind two dashes is for another program. */
function withJson(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return end === -1 ? [...args, "--json"] : [...args.slice(0, end), "--json", ...args.slice(end)];
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Error(`no JSON: ${text}`);
  }
}

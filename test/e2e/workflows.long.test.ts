import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { actionFor, ownAction, workflowsFor } from "../../src/lib/actions/init/workflows.ts";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { foreignActions } from "../runner/foreign-actions.ts";
import type { Machine } from "../runner/job.ts";
import { packageRegistry, type PackageRegistry } from "../runner/package-registry.ts";
import { type Event, type GitHub, type Jobs, runWorkflow } from "../runner/run-workflow.ts";
import { type FakeGithub, fakeGithub } from "../fakes/github.ts";
import { makeSlotsProject, type TrainProject } from "./train-project.ts";

// The workflows that `threads init` writes, each step as it is written, in fresh clones: this package from a registry, the
// sandbox as AWS, whose roles are taken with the tokens that it gives to jobs as GitHub does.

const root = fileURLToPath(new URL("../..", import.meta.url));
const repository = "octocat/ticker";
let project: TrainProject;
let world: UpResult;
let registry: PackageRegistry;
let folder: string;
let github: GitHub;
let api: FakeGithub;
let runs = 0;
/** Of the credentials that jobs were given. */
const secrets: string[] = [];

const threadsYml = `
app: ticker
services: [web, beat]
test: { compose: test.yml, service: suite }
smoke:
  compose: compose.yml
  entry: { service: web, port: 8080 }
  checks: [{ path: / }]
github: { deployments: true }
runtime: { compose: compose.yml, strategy: slots, singletons: [beat], migrate: migrate, health: /, timeout: 20, drain: 1 }
environments:
  staging: { hosts: { tag: threads-env=staging } }
  prod: { hosts: { tag: threads-env=prod }, gates: { smoke: true, verified: staging } }
`;
const testYml = "services: { suite: { build: ., command: [perl, -c, /srv/server.pl] } }\n";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "threads-github-"));
  registry = await packageRegistry(root, folder);
  project = makeSlotsProject();
  const texts = {
    "threads.yml": threadsYml,
    "test.yml": testYml,
    ...actionFor(registry.version),
    ...workflowsFor({
      branch: "dev",
      publisher: "publish",
      environments: ["staging", "prod"],
      gated: "prod",
      testOn: 'push:\n  branches: ["ci-*"]',
      action: ownAction,
    }),
  };
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(project.root, path)), { recursive: true });
    writeFileSync(join(project.root, path), text);
  }
  const json = async <T>(line: string, env = {}): Promise<T> => {
    const { code, stdout, stderr } = await project.threads([...line.split(" "), "--json"], env);
    if (code !== 0) throw new Error(`threads ${line}: exit ${String(code)}\n${stderr}`);
    return JSON.parse(stdout) as T;
  };
  project.git("remote", "add", "origin", `https://github.com/${repository}.git`);
  world = await json<UpResult>("sandbox up");
  api = await fakeGithub(repository, "");
  Object.assign(api, { token: "t0ken" });
  api.deployments.hasCommit = () => true;
  const { variables } = await json<{ variables: Readonly<Record<string, string>> }>("sandbox env");
  const { AWS_REGION: region = "", AWS_ACCESS_KEY_ID: id = "", AWS_SECRET_ACCESS_KEY: secret = "" } = variables;
  const account = "000000000000";
  const origin = join(folder, "origin.git");
  execFileSync("git", ["init", "-q", "--bare", origin]);
  const arn = (job: string): string => `arn:aws:iam::${account}:role/ticker-${job}`;
  const byEnvironment: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    publish: { PUBLISH_ROLE: arn("publisher") },
    staging: { DEPLOY_ROLE: arn("staging-deployer") },
    prod: { PROMOTE_ROLE: arn("prod-promoter"), DEPLOY_ROLE: arn("prod-deployer") },
  };
  const home = join(folder, "home");
  mkdirSync(home);
  writeFileSync(join(home, ".npmrc"), `@threads-release:registry=${registry.url}/\n`);
  const npm = dirname(execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim());
  github = {
    origin,
    repository,
    api: { url: api.url, token: "t0ken" },
    tokenRequest: (machine) => tokenRequest(machine, `${id}:${secret}`),
    machines: join(folder, "machines"),
    env: {
      HOME: home,
      PATH: `${npm}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      TMPDIR: folder,
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_EC2_METADATA_DISABLED: "true",
    },
    variables: (environment) => ({
      AWS_REGION: region,
      AWS_ACCOUNT: account,
      ECR_REPO: world.repository,
      ...byEnvironment[environment],
    }),
    actions: onFreshEngines({
      origin,
      artifacts: join(folder, "artifacts"),
      aws: { endpoint: world.endpoint, region },
      tell: (secret) => secrets.push(secret),
    }),
  };
});

/** GitHub says who the job is, and the sandbox plays GitHub. */
async function tokenRequest(
  { github: of, environment, workflow }: Machine,
  key: string,
): Promise<Record<string, string>> {
  const job = {
    ...Object.fromEntries(
      ["repository", "ref", "sha", "event_name", "actor", "run_id", "run_attempt"].map((name) => [name, of[name]]),
    ),
    repository_id: "7",
    repository_owner_id: "1",
    ...(environment !== "" && { environment }),
    workflow_ref: workflow,
    job_workflow_ref: workflow,
    hasIds: false,
  };
  const headers = { authorization: `Basic ${Buffer.from(key).toString("base64")}` };
  const asked = { method: "POST", headers, body: JSON.stringify(job) };
  const reply = await fetch(`${world.endpoint}/_sandbox/github/job`, asked);
  if (!reply.ok) throw new Error(await reply.text());
  return (await reply.json()) as Record<string, string>;
}

/** A job's machine is new: its engine has nothing of an earlier one, although here all have the same. */
function onFreshEngines(outside: Parameters<typeof foreignActions>[0]): GitHub["actions"] {
  const actions = foreignActions(outside);
  return {
    ...actions,
    "actions/checkout": async (inputs, machine, env) => {
      const names = ["web", "beat"].map((service) => `ticker-${service}:${machine.github["sha"] ?? ""}`);
      execFileSync("docker", ["image", "rm", "--force", ...names], { stdio: "ignore" });
      return (await actions["actions/checkout"]?.(inputs, machine, env)) ?? {};
    },
  };
}

afterAll(async () => {
  await project?.remove();
  await api?.[Symbol.asyncDispose]();
  await registry?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Commits what is in the folder, and pushes it to a branch. @returns its sha */
function pushed(branch: string, text: string): string {
  writeFileSync(join(project.root, "change"), text);
  project.git("add", "-A");
  project.git("commit", "-qm", text);
  project.git("push", "-q", "--force", github.origin, `HEAD:refs/heads/${branch}`);
  return project.git("rev-parse", "HEAD");
}

function pushOf(branch: string, sha: string): Event {
  return { name: "push", sha, ref: `refs/heads/${branch}`, runId: String(++runs) };
}

const by = (name: string, sha: string, inputs: Readonly<Record<string, string>>): Promise<Jobs> =>
  runWorkflow(name, { name: "workflow_dispatch", sha, ref: "refs/heads/dev", inputs, runId: String(++runs) }, github);

/** The result of each job; where one has failed, with what it printed. */
function results(jobs: Jobs): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(jobs).map(([name, { result, log }]) => [name, result === "failure" ? `${result}\n${log}` : result]),
  );
}

/** What GitHub's page shows: environment, commit and the states in their order. */
function deployments(): readonly (readonly string[])[] {
  return api.deployments.all.map(({ environment, sha, statuses }) => [
    environment,
    sha,
    ...statuses.map(({ state }) => state).toReversed(),
  ]);
}

/** What its hosts say: the text that was committed with the release. */
async function answerOf(environment: string): Promise<readonly string[]> {
  const urls = world.hosts.filter(({ env }) => env === environment).map(({ url }) => url ?? "");
  return Promise.all(urls.map(async (url) => (await (await fetch(url)).text()).trim()));
}

let first: string;
let second: string;
let releaseRun: string;

it("test: a branch that asks for it gets its suites run", async () => {
  const jobs = await runWorkflow("test.yml", pushOf("ci-one", pushed("ci-one", "one")), github);
  expect(results(jobs)).toEqual({ test: "success" });
});

it("release: a merge is built and smoked without credentials, published by its digest, and on staging", async () => {
  first = pushed("dev", "first");
  const event = pushOf("dev", first);
  releaseRun = event.runId;
  const jobs = await runWorkflow("release.yml", event, github);
  expect(results(jobs)).toEqual({ smoke: "success", publish: "success", "staging / deploy": "success" });
  expect(jobs["publish"]?.outputs).toEqual({ release: first });
  expect(jobs["smoke"]?.outputs["digest"]).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await answerOf("staging")).toEqual(["first"]);
  expect(deployments()).toEqual([["staging", first, "in_progress", "success"]]);
  expect(jobs["publish"]?.summary).toContain("`threads publish`: ✔ published");
  expect(jobs["staging / deploy"]?.summary).toMatch(/`threads deploy`: ✔[^]*`threads verify`: ✔/);
  // The whole of it, once more.
  const again = await runWorkflow("release.yml", { ...event, attempt: 2 }, github);
  expect(results(again)).toEqual({ smoke: "success", publish: "success", "staging / deploy": "success" });
  expect(again["publish"]?.summary).toContain("already published");
});

it("what the commands of a job have left is kept with its run, and holds no secret of it", () => {
  const kept = (job: string, attempt = 1): string => join(folder, "artifacts", releaseRun, `runs-${job}-${attempt}`);
  const commands = (job: string): string[] =>
    readdirSync(kept(job)).flatMap((name) => /^\d+-\d+-([a-z-]+)-[0-9a-f]+$/.exec(name)?.[1] ?? []);
  const jobs = ["smoke", "publish", "deploy"];
  expect(jobs.map(commands)).toEqual([["smoke"], ["publish"], ["deploy", "verify"]]);
  expect(existsSync(kept("publish", 2))).toBe(true);
  const texts = jobs.map((job) =>
    execFileSync("grep", ["-rh", "", kept(job)], { encoding: "utf8", maxBuffer: 100_000_000 }),
  );
  expect(texts.join("")).toContain('"outcome":"published"');
  expect(secrets.length).toBeGreaterThan(2);
  for (const secret of secrets) expect(texts.filter((text) => text.includes(secret))).toEqual([]);
});

it("promote: a merge of the same sources to prod brings the published bytes there", async () => {
  project.git("commit", "--allow-empty", "-qm", "Merge dev into prod");
  project.git("push", "-q", "--force", github.origin, "HEAD:refs/heads/prod");
  const merge = project.git("rev-parse", "HEAD");
  const jobs = await runWorkflow("promote.yml", pushOf("prod", merge), github);
  expect(results(jobs)).toEqual({ promote: "success" });
  expect(merge).not.toBe(first);
  expect(deployments().at(-1)).toEqual(["prod", first, "in_progress", "success"]);
  expect(new Set(await answerOf("prod"))).toEqual(new Set(["first"]));
});

it("a publish that was cancelled is finished by its failed jobs, run again on other machines", async () => {
  second = pushed("dev", "second");
  const event = pushOf("dev", second);
  const cancelled = await runWorkflow("release.yml", event, { ...github, cancelAt: /✔ Pushed \w+/ });
  expect(results(cancelled)).toEqual({ smoke: "success", publish: "cancelled" });
  expect(cancelled["publish"]?.scripts.at(-1)?.code).toBe(130);
  expect(cancelled["publish"]?.log).toContain("nothing is published before the bundle is");
  const jobs = await runWorkflow("release.yml", { ...event, attempt: 2, before: cancelled }, github);
  expect(results(jobs)).toEqual({ smoke: "success", publish: "success", "staging / deploy": "success" });
  expect(await answerOf("staging")).toEqual(["second"]);
});

it("rollback: a button brings the release before back, and then nothing else until it is lifted", async () => {
  const jobs = await by("rollback.yml", second, { environment: "staging" });
  expect(results(jobs)).toEqual({ rollback: "success" });
  expect(await answerOf("staging")).toEqual(["first"]);
  expect(deployments().at(-1)).toEqual(["staging", first, "in_progress", "success"]);
  const inputs = { environment: "staging", release: second, lift_hold: "" };
  const held = await by("deploy.yml", second, inputs);
  expect(held["deploy"]?.scripts.at(-1)?.code).toBe(3);
  const [, number = ""] = /--lift-hold[= ](\d+)/.exec(held["deploy"]?.log ?? "") ?? [];
  expect(results(await by("deploy.yml", second, { ...inputs, lift_hold: number }))).toEqual({ deploy: "success" });
  expect(await answerOf("staging")).toEqual(["second"]);
});

it("what is typed into a form is a revision, or nothing is even checked out", async () => {
  const jobs = await by("deploy.yml", second, { environment: "staging", release: "--dry-run", lift_hold: "" });
  expect(jobs["deploy"]).toMatchObject({ result: "failure", scripts: [{ code: 2 }] });
  expect(jobs["deploy"]?.log).toContain("::error::the release is no full revision");
});

it("a release that is not promoted does not get to prod by the workflow of a branch", async () => {
  const jobs = await by("deploy.yml", second, { environment: "prod", release: second, lift_hold: "" });
  expect(jobs["deploy"]?.scripts.at(-1)?.code).toBe(3);
  expect(jobs["deploy"]?.log).toContain("NOT_PROMOTED");
  expect(new Set(await answerOf("prod"))).toEqual(new Set(["first"]));
});

it("a job in another environment than its role's does not get the role", async () => {
  const roles = github.variables("staging");
  const jobs = await runWorkflow(
    "rollback.yml",
    {
      name: "workflow_dispatch",
      sha: second,
      ref: "refs/heads/dev",
      inputs: { environment: "prod" },
      runId: String(++runs),
    },
    { ...github, variables: () => roles },
  );
  expect(jobs["rollback"]?.log).toContain("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  expect(jobs["rollback"]?.scripts).toHaveLength(1);
});

it.each([
  ["release.yml", "threads smoke --save", "threads smoke --svae", { smoke: "failure" }],
  [
    "release.yml",
    "      digest: ${{ steps.smoke.outputs.digest }}\n",
    "      other: ${{ steps.smoke.outputs.digest }}\n",
    { smoke: "success", publish: "failure" },
  ],
])("a broken workflow fails here: %s without %s", async (file, part, other, wanted) => {
  const path = join(project.root, ".github/workflows", file);
  const text = execFileSync("git", ["show", `${second}:.github/workflows/${file}`], {
    cwd: project.root,
    encoding: "utf8",
  });
  writeFileSync(path, text.replace(part, other));
  const jobs = await runWorkflow(file, pushOf("dev", pushed("dev", `broken ${other}`)), github);
  writeFileSync(path, text);
  expect(Object.fromEntries(Object.entries(jobs).map(([name, { result }]) => [name, result]))).toEqual(wanted);
});

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcomes } from "../../src/lib/errors/exit-codes.ts";
import type { PromoteResult } from "../../src/lib/actions/promote/result.ts";
import type { PublishResult } from "../../src/lib/actions/publish/result.ts";
import type { RolloutResult } from "../../src/lib/fleet/result.ts";
import type { StressResult } from "../../src/lib/actions/stress/result.ts";
import type { VerifyResult } from "../../src/lib/actions/verify/result.ts";
import type { SmokeResult } from "../../src/lib/stack/result.ts";
import type { StatusResult } from "../../src/lib/fleet/status-result.ts";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { until } from "../../src/lib/clock/until.ts";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { journey } from "./journey.ts";
import { onHost } from "./on-host.ts";
import { callApi, joinAs, startPosting } from "./posting.ts";
import { startLoad } from "../load/steady-load.ts";
import { makeTrainProject, type TrainProject } from "./train-project.ts";

// The tour of `threads help tour` on the real backend.

let project: TrainProject;
let world: UpResult;
let env: Record<string, string | undefined>;
let digests: Record<string, string>;

const services = ["web", "celery", "celery-beat", "nginx"];
const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
const hostsOf = (name: string): { readonly id: string; readonly url: string }[] =>
  world.hosts.filter((host) => host.env === name).map(({ id, url }) => ({ id, url: url ?? "" }));

async function result<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await project.threads([...args, "--json"], env);
  expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
  return JSON.parse(stdout) as T;
}

async function status(): Promise<{ code: number | null; status: StatusResult }> {
  const { code, stdout } = await project.threads(["status", "--json"], env);
  return { code, status: JSON.parse(stdout) as StatusResult };
}

const onStaging = (...args: string[]): string => onHost(hostsOf("staging")[0]?.id ?? "", ...args);

/** What the database of staging has of somebody, once the workers have done with it. */
async function postsOf(author: string, count: number): Promise<readonly string[]> {
  const ask = [
    "import json; from posts.models import Post",
    `mine = Post.objects.filter(author__username=${JSON.stringify(author)})`,
    "print(json.dumps([list(mine.values_list('body', flat=True)), mine.filter(fanned_out_at=None).count()]))",
  ].join("; ");
  const done = async (): Promise<readonly string[] | undefined> => {
    const command = ["exec", "-e", "staging", "web", "--", "python3", "manage.py", "shell", "-v", "0", "-c", ask];
    const { code, stdout, stderr } = await project.threads(command, env);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const [bodies, waiting] = JSON.parse(stdout) as [string[], number];
    return waiting === 0 && bodies.length >= count ? bodies.toSorted() : undefined;
  };
  return (await until(done, { clock: systemClock, timeoutMs: 60_000, pauseMs: 500 })) ?? [];
}

/** Ids of the tasks that the workers of both slots have finished, as often as they have. */
function finishedTasks(name: string): readonly string[] {
  const workers = ["blue", "green"].map((slot) => `threads-${slot}-celery-1`);
  const logs = workers.map((worker) => onStaging("sh", "-c", `docker logs ${worker} 2>&1`)).join("\n");
  return [...logs.matchAll(new RegExp(`${name}\\[([\\w-]+)\\] succeeded`, "g"))].map(([, id = ""]) => id);
}

async function requestsSince(number: number): Promise<{ number: number; operation?: string }[]> {
  const response = await fetch(`${world.endpoint}/_sandbox/log?since=${number}`);
  const body = (await response.json()) as { entries: { number: number; operation?: string }[] };
  return body.entries;
}

beforeAll(async () => {
  project = makeTrainProject();
  env = {};
  world = await result<UpResult>("sandbox", "up");
  const { variables, unset } = await result<{ variables: Record<string, string>; unset: string[] }>("sandbox", "env");
  env = { ...Object.fromEntries(unset.map((name) => [name, undefined])), ...variables };
});

afterAll(() => project.remove());

describe("the release train", () => {
  journey();

  it("tests: the suites pass against real PostgreSQL and Redis, and a failing one fails the command", async () => {
    const passed = await project.threads(["test"], env);
    expect(passed.code).toBe(0);
    expect(passed.stderr).toMatch(/\d+ passed/);
    const failed = await project.threads(["test", "--", "-k", "no_such_test_anywhere"], env);
    expect(failed.code).toBe(5);
  });

  it("smokes: builds the images, checks them, and tags them only then", async () => {
    const smoke = await result<Extract<SmokeResult, { outcome: "passed" }>>("smoke");
    expect(smoke).toMatchObject({ outcome: "passed", revision: project.sha, dirty: false });
    expect(smoke.tagged.toSorted()).toEqual(services.map((name) => `threads-${name}:${project.sha}`).toSorted());
    const page = smoke.checks.find((check) => check.path === "/");
    expect(page?.ok).toBe(true);
  });

  it("publishes the tested bytes, and the second time says that they are there", async () => {
    const first = await result<PublishResult>("publish");
    expect(first).toMatchObject({ outcome: "published", published: true, revision: project.sha });
    const own = first.images.filter(({ service }) => services.includes(service));
    digests = Object.fromEntries(own.map(({ service, digest }) => [service, digest ?? ""]));
    for (const service of services) {
      const known = docker(
        "image",
        "inspect",
        "--format",
        "{{json .RepoDigests}}",
        `threads-${service}:${project.sha}`,
      );
      expect(JSON.parse(known)).toContain(`${world.repository}${service}@${digests[service]}`);
    }
    const second = await result<PublishResult>("publish");
    expect(second).toMatchObject({ outcome: "already-published", bundle: first.bundle });
  });

  it("refuses production before the promotion, and changes nothing", async () => {
    const { code, stderr } = await project.threads(["deploy", "-e", "prod", project.sha], env);
    expect(code).toBe(3);
    expect(stderr).toContain(`threads promote ${project.sha}`);
    expect((await status()).status.environments.find(({ environment }) => environment === "prod")?.release).toBeNull();
  });

  it("deploys to staging", async () => {
    const deployed = await result<RolloutResult>("deploy", "-e", "staging", project.sha);
    expect(deployed).toMatchObject({ outcome: "deployed", release: { revision: project.sha, images: digests } });
  });

  it("promotes without moving a layer", async () => {
    const before = (await requestsSince(0)).at(-1)?.number ?? 0;
    const promoted = await result<PromoteResult>("promote", project.sha);
    expect(promoted).toMatchObject({ outcome: "promoted", tag: `prod-${project.sha}` });
    expect(promoted.smoke?.checks.every((check) => check.ok)).toBe(true);
    const operations = (await requestsSince(before)).map(({ operation }) => operation ?? "");
    expect(operations.filter((name) => name === "PutImage").length).toBe(services.length + ["edge", "bundle"].length);
    expect(operations.filter((name) => /Blob|Layer|Upload/i.test(name))).toEqual([]);
    expect(await result<PromoteResult>("promote", project.sha)).toMatchObject({
      outcome: "already-promoted",
      smoke: null,
    });
  });

  it("deploys to production, and status shows the tested digests on every host", async () => {
    await result<RolloutResult>("deploy", "-e", "prod", project.sha);
    const { code, status: seen } = await status();
    expect({ code, outcome: seen.outcome, problems: seen.environments.flatMap(({ problems }) => problems) }).toEqual({
      code: 0,
      outcome: "as-deployed",
      problems: [],
    });
    const prod = seen.environments.find(({ environment }) => environment === "prod");
    expect(prod?.hosts).toHaveLength(2);
    const running = prod?.hosts.map((host) =>
      Object.fromEntries(host.services.map(({ service, digest }) => [service, digest])),
    );
    expect(running?.[0]).toEqual(digests);
    const { "celery-beat": _beat, ...withoutBeat } = digests;
    expect(running?.[1]).toEqual(withoutBeat);
  });

  it("answers on each host's port as that release, with its page's assets", async () => {
    for (const { url } of [...hostsOf("staging"), ...hostsOf("prod")]) {
      const page = await fetch(url);
      expect({ url, status: page.status, release: page.headers.get("x-release") }).toEqual({
        url,
        status: 200,
        release: project.sha,
      });
      const assets = [...(await page.text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map(
        (match) => match[1] ?? "",
      );
      expect(assets.length).toBeGreaterThan(1);
      for (const path of assets) {
        const asset = await fetch(new URL(path, url));
        expect({ path, status: asset.status, empty: (await asset.text()) === "" }).toEqual({
          path,
          status: 200,
          empty: false,
        });
      }
    }
  });

  it("is verified by its own hosts: every check of threads.yml, with the assets of its page", async () => {
    const verified = await result<VerifyResult>("verify", "-e", "prod");
    const checks = ["/healthz", "/readyz", "/", "/api/posts/"].map((path) => ({ path, status: 200, ok: true }));
    expect(verified).toMatchObject({ outcome: "passed", revision: project.sha, recorded: true });
    expect(verified.hosts).toMatchObject([1, 2].map(() => ({ verdict: "passed", says: "", checks })));
  });

  it("keeps a budget under load, each host through its edge", async () => {
    const line = ["--rate", "20", "--duration", "5s", "--budget", "p99=10s,errors=0", "--sure", "prod"];
    const { code, stdout } = await project.threads(["stress", "-e", "prod", ...line, "--json"], env);
    const stressed = JSON.parse(stdout) as StressResult;
    expect(stressed).toMatchObject({ total: { requests: 100, errors: 0 } });
    // Requests go round, and hosts with them.
    const byHost = "byTarget" in stressed ? stressed.byTarget : [];
    expect(byHost.map(({ requests, errors }) => [requests > 40, errors])).toEqual([1, 2].map(() => [true, 0]));
    // A machine that builds and runs all this may be late itself, which is all that may keep it off the record.
    expect(stressed.advice.filter((one) => !one.includes("late itself"))).toEqual([]);
    expect(code).toBe(stressed.advice.length === 0 ? 0 : outcomes.partial.exit);
  });

  it("carries a post to a follower's timeline through celery, posted on one host and read on the other", async () => {
    const [one, other] = hostsOf("prod").map(({ url }) => url);
    const [ada, bob] = [await joinAs(one, "ada"), await joinAs(one, "bob")];
    await callApi(one, "/api/users/ada/follow/", { body: {}, token: bob });
    await callApi(one, "/api/posts/", { body: { body: "first light" }, token: ada });
    const arrived = await until(
      async () =>
        JSON.stringify(await callApi(other, "/api/timeline/", { token: bob })).includes("first light") || undefined,
      { clock: systemClock, timeoutMs: 30_000, pauseMs: 100 },
    );
    expect(arrived).toBe(true);
  });

  it("says so when a production host is gone, and again when it is back", async () => {
    const [, victim] = hostsOf("prod");
    const container = docker("ps", "-q", "--filter", `label=threads.host=${victim?.id ?? ""}`);
    docker("kill", container);
    const { code, status: seen } = await status();
    expect(code).toBe(5);
    expect(seen.environments.flatMap(({ hosts }) => hosts).find(({ id }) => id === victim?.id)?.verdict).toBe(
      "offline",
    );
    expect((await project.threads(["status"], env)).stdout).toContain(victim?.id);
    docker("start", container);
    const back = await until(async () => ((await status()).code === 0 ? true : undefined), {
      clock: systemClock,
      timeoutMs: 60_000,
      pauseMs: 500,
    });
    expect(back).toBe(true);
  });

  it("interrupted in the middle of a deploy: nothing goes on behind, and the next run works", async () => {
    const run = project.start(["deploy", "-e", "prod", project.sha, "--force"], env);
    await run.seen("Deploy ");
    run.child.kill("SIGINT");
    const code = await run.ended;
    expect(code).toBe(130);
    const commands = docker(
      "exec",
      docker("ps", "-q", "--filter", `label=threads.host=${hostsOf("prod")[0]?.id ?? ""}`),
      "ps",
      "-eo",
      "args",
    );
    expect(commands).not.toContain("_script.sh");
    expect((await project.threads(["deploy", "-e", "prod", project.sha, "--force"], env)).code).toBe(0);
    expect((await status()).code).toBe(0);
  });

  it("rolls back to the release before, and nobody who asks or posts has noticed either change", async () => {
    writeFileSync(join(project.root, "backend/VERSION"), "2\n");
    project.git("add", "-A");
    project.git("commit", "-qm", "A second release");
    const second = project.git("rev-parse", "HEAD");
    for (const step of [["smoke"], ["publish"]]) await result(...step);
    const [staging] = hostsOf("staging");
    const url = staging?.url ?? "";
    const posting = startPosting(url, await joinAs(url, "cleo"), 3);
    const load = startLoad(`${url}/healthz`, 20, 0);
    const changed = await result<RolloutResult>("deploy", "-e", "staging");
    expect(changed.hosts[0]?.traffic).toMatchObject({ failed: 0 });
    expect(changed.hosts[0]?.traffic?.requests).toBeGreaterThan(0);
    expect((await fetch(new URL("/healthz", staging?.url))).headers.get("x-release")).toBe(second);
    const back = await result<RolloutResult>("rollback", "-e", "staging");
    expect(back).toMatchObject({ kind: "rollback", release: { revision: project.sha }, rollbackOf: 2 });
    expect((await fetch(new URL("/healthz", staging?.url))).headers.get("x-release")).toBe(project.sha);
    const posts = await posting.stop();
    expect((await load.stop()).firstFailures).toEqual([]);
    expect(await postsOf("cleo", posts.length)).toEqual([...posts].toSorted());
    expect(finishedTasks("fan_out_post")).toHaveLength(posts.length);
    const history = await result<{ deployments: { kind: string; result: string }[] }>("history", "-e", "staging");
    expect(history.deployments.map(({ kind, result: how }) => `${kind} ${how}`)).toEqual([
      "rollback succeeded",
      "deploy succeeded",
      "deploy succeeded",
    ]);
  });
});

describe("every refusal is one sentence, an exit code and the next command, and changes nothing", () => {
  const unknownSha = "f".repeat(40);
  interface Refusal {
    readonly name: string;
    readonly args: string[];
    readonly env?: Record<string, string | undefined>;
    readonly code: number;
    readonly says: RegExp;
  }
  const refusals: Refusal[] = [
    { name: "a sha never published", args: ["promote", unknownSha], code: 3, says: /published/ },
    {
      name: "a sha never published, deployed",
      args: ["deploy", "-e", "staging", unknownSha],
      code: 3,
      says: /published/,
    },
    { name: "an unknown environment", args: ["deploy", "-e", "pord", unknownSha], code: 2, says: /pord.*prod/s },
    { name: "an environment without hosts", args: ["deploy", "-e", "dev", unknownSha], code: 3, says: /dev/ },
    { name: "ECR_REPO missing", args: ["publish"], env: { ECR_REPO: undefined }, code: 2, says: /ECR_REPO/ },
    {
      name: "the Docker daemon down",
      args: ["smoke"],
      env: { DOCKER_HOST: "unix:///nonexistent.sock" },
      code: 3,
      says: /Docker/,
    },
    {
      name: "no credentials",
      args: ["publish"],
      env: { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, HOME: "/nonexistent" },
      code: 3,
      says: /credentials/,
    },
    {
      name: "the wrong secret",
      args: ["status"],
      env: { AWS_SECRET_ACCESS_KEY: "wrong" },
      code: 3,
      says: /credentials/,
    },
    {
      name: "the wrong account",
      args: ["promote", unknownSha],
      env: { ECR_REPO: "111111111111.dkr.ecr.eu-west-1.amazonaws.com/threads" },
      code: 3,
      says: /111111111111/,
    },
    {
      name: "an endpoint that is not there",
      args: ["status"],
      env: { AWS_ENDPOINT_URL: "http://127.0.0.1:9" },
      code: 3,
      says: /did not answer/,
    },
    { name: "an unknown flag", args: ["deploy", "--now"], code: 2, says: /--now/ },
  ];

  it.each(refusals)("$name", async (refusal) => {
    const { code, stdout, stderr } = await project.threads(refusal.args, { ...env, ...refusal.env });
    expect({ code, stdout, says: refusal.says.test(stderr) ? "" : stderr }).toEqual({
      code: refusal.code,
      stdout: "",
      says: "",
    });
    expect(stderr).toMatch(/^ {2}next: \S/m);
    expect(stderr).not.toMatch(/^\s+at /m);
    const json = await project.threads([...refusal.args, "--json"], { ...env, ...refusal.env });
    const { outcome } = JSON.parse(json.stdout) as { outcome: keyof typeof outcomes };
    expect(outcomes[outcome].exit).toBe(refusal.code);
  });

  let before: unknown;
  beforeAll(async () => {
    before = await unchanging();
  });

  /** All that status tells, without the time of asking. */
  async function unchanging(): Promise<unknown> {
    const { observedAt: _asked, ...rest } = (await status()).status;
    return rest;
  }

  it("a dirty tree", async () => {
    writeFileSync(join(project.root, "stray.txt"), "x");
    const { code, stderr } = await project.threads(["publish"], env);
    expect(code).toBe(3);
    expect(stderr).toContain("stray.txt");
    expect(stderr).toContain("next: git add --all && git commit");
    project.git("clean", "-qf", "stray.txt");
  });

  it("a wrong key in threads.yml, with line, column and what was meant", async () => {
    const path = join(project.root, "threads.yml");
    const right = readFileSync(path, "utf8");
    writeFileSync(path, right.replace("singletons:", "singeltons:"));
    const { code, stderr } = await project.threads(["status"], env);
    writeFileSync(path, right);
    expect(code).toBe(2);
    expect(stderr).toMatch(/threads\.yml:\d+:3 unknown key "singeltons", did you mean "singletons"\?/);
  });

  it("and after all of them everything is as it was", async () => {
    expect(await unchanging()).toEqual(before);
  });
});

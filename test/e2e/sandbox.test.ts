import { copyFileSync, existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";
import {
  DescribeInstanceInformationCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { until } from "../../src/lib/clock/until.ts";
import { sandboxId } from "../../src/lib/sandbox/layout.ts";
import type { SandboxStatusResult } from "../../src/lib/sandbox/status.ts";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { requireResult } from "../fakes/results.ts";

const checkout = join(import.meta.dirname, "../..");
const roots = [newRoot(), newRoot()] as const;
const [root, neighbour] = roots;
const id = sandboxId(root);
const tag = "0123456789abcdef0123456789abcdef01234567";

let first: UpResult;
let variables: Record<string, string>;

beforeAll(async () => {
  first = (await json(root, "up")) as UpResult;
  variables = ((await json(root, "env")) as { variables: Record<string, string> }).variables;
});

afterAll(async () => {
  for (const each of roots) {
    await sandbox(each, "down", "--purge");
    rmSync(each, { recursive: true, force: true });
  }
});

describe("a sandbox that is up", () => {
  test("has one staging and two prod hosts, and the repositories of a release with immutable tags", async () => {
    expect(first.hosts.map(({ name }) => name)).toEqual(["staging-1", "prod-1", "prod-2"]);
    const { repositories = [] } = await ecr().send(new DescribeRepositoriesCommand({}));
    expect(new Set(repositories.map(({ repositoryName }) => repositoryName))).toEqual(
      new Set(["bundle", "celery", "celery-beat", "edge", "nginx", "web"].map((name) => `threads/${name}`)),
    );
    expect(repositories.every(({ imageTagMutability }) => imageTagMutability === "IMMUTABLE")).toBe(true);
  });

  test("is left alone by a second up: every container is still the same one", async () => {
    const before = await containerIds(id);
    expect(before).toHaveLength(7);
    expect(await json(root, "up")).toEqual({ ...first, outcome: "already-up", started: [] });
    expect(await containerIds(id)).toEqual(before);
  });

  test("takes less than 400 MB with three idle hosts", async () => {
    const { memoryBytes, outcome } = (await json(root, "status")) as SandboxStatusResult;
    expect(outcome).toBe("complete");
    expect(memoryBytes).toBeGreaterThan(50e6);
    expect(memoryBytes).toBeLessThan(400e6);
  });

  test("shows its hosts to SSM as managed nodes of their environments", async () => {
    const Filters = [{ Key: "tag:threads-env", Values: ["prod"] }];
    const { InstanceInformationList = [] } = await ssm().send(new DescribeInstanceInformationCommand({ Filters }));
    expect(new Set(InstanceInformationList.map(({ InstanceId }) => InstanceId))).toEqual(
      new Set(first.hosts.filter(({ env }) => env === "prod").map((host) => host.id)),
    );
    expect(InstanceInformationList.every(({ PingStatus }) => PingStatus === "Online")).toBe(true);
  });

  test("gave each host an environment file for root alone, whose database password is right", async () => {
    const stat = await inHost("prod-1", "stat", "-c", "%a %U", "/etc/threads/threads.env");
    expect(stat).toBe("600 root");
    const file = Object.fromEntries(
      (await inHost("prod-1", "cat", "/etc/threads/threads.env")).split("\n").map((line) => line.split(/=(.*)/s)),
    );
    const { POSTGRES_HOST, POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD } = file as Record<string, string>;
    const log = (password: string | undefined): Promise<{ exitCode?: number | undefined; stdout: string }> =>
      execa(
        "docker",
        [
          "exec",
          "--env",
          `PGPASSWORD=${password}`,
          part("postgres"),
          "psql",
          "-h",
          POSTGRES_HOST ?? "",
          "-U",
          POSTGRES_USER ?? "",
          "-d",
          POSTGRES_DB ?? "",
          "-Atc",
          "select current_database()",
        ],
        { reject: false },
      );
    expect(await log(POSTGRES_PASSWORD)).toMatchObject({ exitCode: 0, stdout: "threads_prod" });
    expect(await log("wrong")).toMatchObject({ exitCode: 2 });
  });

  test("runs commands in its environment, and passes exit codes and signals on", async () => {
    const shown = await sandbox(root, "exec", "--", "sh", "-c", "echo $ECR_REPO $AWS_ENDPOINT_URL; exit 9");
    expect(shown).toMatchObject({ exitCode: 9, stdout: `${first.repository} ${first.endpoint}` });
    const command = ["sh", "-c", "echo talk; exit 9"];
    const asked = await sandbox(root, "exec", "--json", "--", ...command);
    expect(asked).toMatchObject({ exitCode: 9, stderr: "talk" });
    expect(JSON.parse(asked.stdout)).toEqual({ outcome: "failed", command, exitCode: 9, next: [], advice: [] });
    const script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done";
    const child = threads(root, "exec", "--", "sh", "-c", script);
    await says(child, "ready");
    child.kill("SIGTERM");
    expect((await child).exitCode).toBe(7);
  });

  test("shows a killed host as stopped, and up brings back that one alone", async () => {
    const before = await containerIds(id);
    await execa("docker", ["kill", part("prod-2")]);
    const { exitCode, stdout } = await sandbox(root, "status", "--json");
    expect(exitCode).toBe(0);
    const { hosts, outcome } = JSON.parse(stdout) as SandboxStatusResult;
    expect(outcome).toBe("incomplete");
    expect(hosts.map(({ state }) => state)).toEqual(["running", "running", "stopped"]);
    expect(((await json(root, "up")) as UpResult).started).toEqual(["prod-2"]);
    expect((await containerIds(id)).filter((container) => before.includes(container))).toHaveLength(6);
  });
});

describe("beside another checkout's", () => {
  test("Ctrl-C in up takes back what was started, and the next up works", async () => {
    const child = threads(neighbour, "up", "--hosts", "staging=1");
    await until(async () => ((await containerIds(sandboxId(neighbour))).length > 0 ? true : undefined), {
      clock: systemClock,
      timeoutMs: 120_000,
      pauseMs: 50,
    });
    child.kill("SIGINT");
    expect((await child).exitCode).toBe(130);
    expect(await labelled(sandboxId(neighbour), "ps", "--all")).toEqual([]);
    expect(await labelled(sandboxId(neighbour), "network", "ls")).toEqual([]);
    expect((await sandbox(neighbour, "status")).exitCode).toBe(3);
    const second = (await json(neighbour, "up", "--hosts", "staging=1")) as UpResult;
    expect(second.hosts).toHaveLength(1);
  });

  test("both are up, on ports and with data of their own", async () => {
    const [one, two] = (await Promise.all(roots.map((each) => json(each, "status")))) as [
      SandboxStatusResult,
      SandboxStatusResult,
    ];
    expect([one.outcome, two.outcome]).toEqual(["complete", "complete"]);
    const urls = [one.endpoint, two.endpoint, ...[...one.hosts, ...two.hosts].map(({ url }) => url)];
    expect(new Set(urls).size).toBe(6);
    expect(new Set([...one.hosts, ...two.hosts].map((host) => host.id)).size).toBe(4);
    const other = ((await json(neighbour, "env")) as { variables: Record<string, string> }).variables;
    await ssm().send(new PutParameterCommand({ Name: "/threads/e2e/whose", Value: "mine", Type: "String" }));
    await expect(ssm(other).send(new GetParameterCommand({ Name: "/threads/e2e/whose" }))).rejects.toMatchObject({
      name: "ParameterNotFound",
    });
  });

  test("purging one leaves nothing of it and all of the other", async () => {
    const before = await containerIds(id);
    expect((await sandbox(neighbour, "down", "--purge")).exitCode).toBe(0);
    for (const words of [
      ["ps", "--all"],
      ["network", "ls"],
      ["volume", "ls"],
    ])
      expect(await labelled(sandboxId(neighbour), ...words)).toEqual([]);
    expect(existsSync(join(neighbour, ".threads"))).toBe(false);
    expect(await containerIds(id)).toEqual(before);
  });
});

describe("over down and up", () => {
  test("survive: parameters, image tags, what runs on hosts, and their names for PostgreSQL and Redis", async () => {
    await ssm().send(new PutParameterCommand({ Name: "/threads/e2e/kept", Value: "still here", Type: "String" }));
    await pushEmptyImage();
    await inHost("prod-1", "docker", "pull", `${first.repository}web:${tag}`);
    await execa({ shell: true })`docker save redis:7 | docker exec --interactive ${part("prod-1")} docker load`;
    await inHost("prod-1", "docker", "network", "create", "e2e");
    await inHost(
      "prod-1",
      "docker",
      "run",
      "--detach",
      "--name",
      "e2e",
      "--network",
      "e2e",
      "--restart",
      "unless-stopped",
      "redis:7",
    );
    expect(await reachesData()).toEqual({ redis: "PONG", postgres: "open" });

    expect((await sandbox(root, "down")).exitCode).toBe(0);
    expect(await labelled(id, "ps", "--all")).toEqual([]);
    expect(await labelled(id, "network", "ls")).toEqual([]);
    expect(await sandbox(root, "env")).toMatchObject({ exitCode: 3, stdout: "" });
    // What comes after `--` is the other program's.
    expect(await sandbox(root, "exec", "--", "true", "--json")).toMatchObject({ exitCode: 3, stdout: "" });

    const again = (await json(root, "up")) as UpResult;
    expect({ ...again, started: [] }).toEqual({ ...first, started: [] });
    expect(((await json(root, "env")) as { variables: object }).variables).toEqual(variables);
    const { Parameter } = await ssm().send(new GetParameterCommand({ Name: "/threads/e2e/kept" }));
    expect(Parameter?.Value).toBe("still here");
    const { imageDetails } = await ecr().send(
      new DescribeImagesCommand({ repositoryName: "threads/web", imageIds: [{ imageTag: tag }] }),
    );
    expect(imageDetails).toHaveLength(1);
    expect(await reachesData()).toEqual({ redis: "PONG", postgres: "open" });
  });

  test("and over a host's reboot the names still hold", async () => {
    await execa("docker", ["restart", part("prod-1")]);
    expect(await reachesData()).toEqual({ redis: "PONG", postgres: "open" });
  });
});

/** From a container on the host, which runs again by its restart policy: what the application will do. */
async function reachesData(): Promise<{ redis: string; postgres: string }> {
  const ask = (...command: string[]): Promise<string> =>
    inHost("prod-1", "docker", "exec", "e2e", ...command).catch(() => "");
  const attempt = async (): Promise<string | undefined> =>
    (await ask("redis-cli", "-h", "redis.internal", "-n", "1", "ping")) === "PONG" ? "PONG" : undefined;
  const redis = await until(attempt, { clock: systemClock, timeoutMs: 60_000, pauseMs: 100 });
  const postgres = await ask("bash", "-c", "exec 3<>/dev/tcp/postgres.internal/5432 && echo open");
  return { redis: redis ?? "no answer", postgres };
}

/** The smallest image there is, through the front door: login with a token of ECR, push. */
async function pushEmptyImage(): Promise<void> {
  const reference = `${first.repository}web:${tag}`;
  const { authorizationData } = await ecr().send(new GetAuthorizationTokenCommand({}));
  const [, password = ""] = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64")
    .toString()
    .split(":");
  const env = { DOCKER_CONFIG: join(root, "docker-config") };
  await execa("docker", ["login", "--username", "AWS", "--password-stdin", new URL(first.endpoint).host], {
    input: password,
    env,
  });
  await execa({ shell: true })`tar --create --files-from /dev/null | docker import - ${reference}`;
  try {
    await execa("docker", ["push", reference], { env });
  } finally {
    await execa("docker", ["image", "rm", reference]);
  }
}

function threads(cwd: string, ...args: string[]) {
  return execa(process.execPath, [join(checkout, "bin", "run.js"), "sandbox", ...args], {
    cwd,
    reject: false,
  } as const);
}

async function sandbox(
  cwd: string,
  ...args: string[]
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await threads(cwd, ...args);
  requireResult(["sandbox", ...args], stdout);
  return { exitCode, stdout, stderr };
}

async function json(cwd: string, ...args: string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await sandbox(cwd, ...args, "--json");
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout);
}

function says(child: ReturnType<typeof threads>, text: string): Promise<void> {
  return new Promise((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes(text)) resolve();
    });
  });
}

function ssm(from: Record<string, string> = variables): SSMClient {
  return new SSMClient(clientOptions(from));
}

function ecr(): ECRClient {
  return new ECRClient(clientOptions(variables));
}

function clientOptions(from: Record<string, string>): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  const of = (name: string): string => from[name] ?? "";
  return {
    endpoint: of("AWS_ENDPOINT_URL"),
    region: of("AWS_REGION"),
    credentials: { accessKeyId: of("AWS_ACCESS_KEY_ID"), secretAccessKey: of("AWS_SECRET_ACCESS_KEY") },
  };
}

async function inHost(name: string, ...command: string[]): Promise<string> {
  return (await execa("docker", ["exec", part(name), ...command])).stdout;
}

async function containerIds(sandboxOf: string): Promise<string[]> {
  return (await labelled(sandboxOf, "ps", "--all")).sort();
}

async function labelled(sandboxOf: string, ...words: string[]): Promise<string[]> {
  const { stdout } = await execa("docker", [...words, "--quiet", "--filter", `label=threads.sandbox=${sandboxOf}`]);
  return stdout.split("\n").filter((line) => line !== "");
}

function part(name: string): string {
  return `threads-${id}-${name}`;
}

function newRoot(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "threads-e2e-")));
  copyFileSync(join(checkout, "threads.yml"), join(folder, "threads.yml"));
  return folder;
}

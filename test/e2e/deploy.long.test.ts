import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HistoryResult } from "../../src/lib/actions/history/result.ts";
import type { RolloutResult } from "../../src/lib/fleet/result.ts";
import type { StatusResult } from "../../src/lib/fleet/status-result.ts";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { requireResult } from "../fakes/results.ts";
import { requireBuild } from "../process/built.ts";
import { journey } from "./journey.ts";

requireBuild();

// Deploy, rollback and status on real hosts without slots: a small application, the sandbox's SSM, Docker inside Docker. The tests
// are stations of one journey: each needs the ones before it.
journey();

const cli = fileURLToPath(new URL("../../bin/run.js", import.meta.url));
const services = ["web", "worker", "beat"];
const root = mkdtempSync(join(tmpdir(), "threads-deploy-"));
const app = `dep${root
  .slice(-6)
  .toLowerCase()
  .replaceAll(/[^a-z0-9]/g, "x")}`;
const built: string[] = [];
let env: Record<string, string | undefined> = {};
let world: UpResult;
const shas = { good: "", other: "", broken: "", slow: "", narrow: "", last: "" };

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended>; says(text: string): Promise<void> } {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr }))).then(
    (all) => {
      requireResult(args, all.stdout);
      return all;
    },
  );
  return { child, ended, says: (text) => expect.poll(() => stderr, { timeout: 60_000 }).toContain(text) };
}

async function result<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await start(...args, "--json").ended;
  expect({ args, code, stderr: code === 0 ? "" : stderr, stdout: code === 0 ? "" : stdout }).toEqual({
    args,
    code: 0,
    stderr: "",
    stdout: "",
  });
  return JSON.parse(stdout) as T;
}

async function status(): Promise<{ code: number | null; problems: readonly string[]; seen: StatusResult }> {
  const { code, stdout } = await start("status", "-e", "prod", "--json").ended;
  const seen = JSON.parse(stdout) as StatusResult;
  return { code, problems: seen.environments[0]?.problems ?? [], seen };
}

/** A disk for the records that can be filled without harm to others, and the way out of it: a mount does not outlive a reboot. */
const enterSmallDisk = "mkdir -p /var/lib/threads && mount -t tmpfs -o size=16m none /var/lib/threads";
const leaveSmallDisk = "cd /var/lib && cp -a threads kept && umount threads && cp -a kept/. threads && rm -r kept";

const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
const prod = (): { readonly id: string; readonly name: string; readonly url: string }[] =>
  world.hosts.filter((host) => host.env === "prod").map(({ id, name, url }) => ({ id, name, url: url ?? "" }));
const container = (index: number): string =>
  docker("ps", "-aq", "--filter", `label=threads.host=${prod()[index]?.id ?? ""}`);
const onHost = (index: number, ...args: string[]): string => docker("exec", container(index), ...args);
/** How many seconds the migration takes on the first host, which is the one that migrates. */
const slowMigration = (seconds: number): void => {
  const file = "/etc/threads/threads.env";
  onHost(0, "sh", "-c", `sed -i /^MIGRATION_LASTS=/d ${file}; echo MIGRATION_LASTS=${seconds} >>${file}`);
};
const served = (): Promise<(string | null)[]> =>
  Promise.all(prod().map(async ({ url }) => (await fetch(new URL("/healthz", url))).headers.get("x-release")));

function git(...args: string[]): string {
  return execFileSync("git", ["-c", "user.name=e2e", "-c", "user.email=e2e@example.com", ...args], {
    cwd: root,
    encoding: "utf8",
  }).trim();
}

/** A release that `threads publish` accepts: what smoke would have left behind for this commit. */
async function release(change: string, contracts: readonly string[] = []): Promise<string> {
  writeFileSync(join(root, "change"), change);
  const migrations = ["0001", ...contracts].map((name) => ({ name, kind: name === "0001" ? "expand" : "contract" }));
  writeFileSync(join(root, "migrations"), migrations.map((one) => `${JSON.stringify(one)}\n`).join(""));
  git("add", "-A");
  git("commit", "-qm", change);
  const revision = git("rev-parse", "HEAD");
  const tree = git("rev-parse", "HEAD^{tree}");
  for (const service of services) {
    const name = `${app}-${service}:${revision}`;
    const labels = [`org.opencontainers.image.revision=${revision}`, `org.threads.tree=${tree}`];
    const args = [`REVISION=${revision}`, `SERVICE=${service}`].flatMap((pair) => ["--build-arg", pair]);
    docker("build", "-q", "-t", name, ...args, ...labels.flatMap((label) => ["--label", label]), root);
    built.push(name);
  }
  await result("publish");
  return revision;
}

const files: Readonly<Record<string, string>> = {
  "threads.yml": `app: ${app}
services: [web, worker, beat]
test: { compose: compose.yml, service: web }
smoke:
  compose: compose.yml
  env: { template: env.example }
  entry: { service: web, port: 8080 }
  checks: [{ path: /healthz }]
runtime:
  compose: compose.yml
  strategy: recreate
  migrate: migrate
  migrations: { service: web, command: [cat, /srv/migrations], undo: [rm, -v] }
  singletons: [beat]
  timeout: 30
environments:
  dev: {}
  prod: { hosts: { tag: threads-env=prod, minimum: 2 } }
`,
  "env.example": "SECRET=\n",
  "compose.yml": `x-base: &base { env_file: "\${ENV_FILE:-/etc/threads/threads.env}", restart: unless-stopped, init: true }
services:
  web:
    <<: *base
    image: \${WEB_IMAGE:?}
    ports: ["\${HTTP_PORT:-80}:8080", "\${EXTRA_PORT:-8079}:8081"]
    command: ["perl", "/srv/server.pl"]
    healthcheck: { test: ["CMD", "true"], interval: 30s, start_period: 10s, start_interval: 200ms }
  worker: { <<: *base, image: "\${WORKER_IMAGE:?}" }
  beat: { <<: *base, image: "\${BEAT_IMAGE:?}" }
  migrate: { <<: *base, image: "\${WEB_IMAGE:?}", profiles: [migrate], restart: "no", command: ["sh", "/srv/migrate.sh"] }
`,
  Dockerfile: `FROM debian:trixie-slim
COPY server.pl migrate.sh change migrations /srv/
ARG REVISION
ARG SERVICE
ENV REVISION=$REVISION SERVICE=$SERVICE
CMD ["sleep", "3600"]
`,
  // The middle of a deployment, for as long as the host's environment file says so.
  "migrate.sh": `echo "migrating $REVISION"; exec sleep "\${MIGRATION_LASTS:-0}"\n`,
  "server.pl": `use strict; use IO::Socket::INET;
open(my $file, "<", "/srv/change"); my $broken = <$file> =~ /broken/;
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die;
while (my $client = $server->accept) {
    while (defined(my $line = <$client>)) { last if $line =~ /^\\r?\\n$/ }
    print $client "HTTP/1.1 ", ($broken ? "500 No" : "200 OK"), "\\r\\nX-Release: $ENV{REVISION}\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n";
    close $client;
}
`,
};

beforeAll(async () => {
  mkdirSync(root, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  git("init", "-q", "-b", "dev");
  world = await result<UpResult>("sandbox", "up", "--hosts", "prod=2");
  for (const index of [0, 1]) onHost(index, "sh", "-c", enterSmallDisk);
  const { variables, unset } = await result<{ variables: Record<string, string>; unset: string[] }>("sandbox", "env");
  env = { ...Object.fromEntries(unset.map((name) => [name, undefined])), ...variables };
  shas.good = await release("good");
});

afterAll(async () => {
  await start("sandbox", "down", "--purge").ended;
  const tags = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split("\n");
  const own = tags.filter((tag) => built.includes(tag) || tag.startsWith(world.repository));
  if (own.length > 0) docker("image", "rm", ...own);
  rmSync(root, { recursive: true, force: true });
});

test("a first deployment that fails on the second host leaves nothing running on the first", async () => {
  onHost(1, "mv", "/etc/threads/threads.env", "/etc/threads/away");
  const { code, stderr } = await start("deploy", "-e", "prod").ended;
  onHost(1, "mv", "/etc/threads/away", "/etc/threads/threads.env");
  expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining("is missing") });
  expect([0, 1].map((index) => onHost(index, "docker", "ps", "-aq"))).toEqual(["", ""]);
  expect(await fetch(new URL("/healthz", prod()[0]?.url)).catch(() => "nobody answers")).toBe("nobody answers");
});

test("a deployment: by digest, migrated once, one beat, and status agrees", async () => {
  const deployed = await result<RolloutResult>("deploy", "-e", "prod");
  expect(deployed).toMatchObject({ outcome: "deployed", number: 2, release: { revision: shas.good } });
  expect(await served()).toEqual([shas.good, shas.good]);
  const { code, problems, seen } = await status();
  expect({ code, problems }).toEqual({ code: 0, problems: [] });
  const running = seen.environments[0]?.hosts.map((host) =>
    Object.fromEntries(host.services.map((one) => [one.service, one.digest])),
  );
  const { beat: _, ...others } = deployed.release.images;
  expect(running).toEqual([deployed.release.images, others]);
  const log = (index: number): string => onHost(index, "cat", "/var/lib/threads/log/2.log");
  expect(log(0)).toContain(`migrating ${shas.good}`);
  expect(log(1)).not.toContain("migrating");
});

test("the same again says that it is there", async () => {
  expect(await result<RolloutResult>("deploy", "-e", "prod")).toMatchObject({ outcome: "already-running" });
});

test("a killed container, and an image exchanged behind our back, are told by status; deploying again repairs both", async () => {
  onHost(1, "docker", "kill", `${app}-worker-1`);
  const image = onHost(0, "docker", "inspect", "--format", "{{.Config.Image}}", `${app}-web-1`);
  onHost(0, "docker", "rm", "-f", `${app}-worker-1`);
  const labels = ["project=" + app, "service=worker", "config-hash=0"].flatMap((label) => [
    "--label",
    `com.docker.compose.${label}`,
  ]);
  onHost(0, "docker", "run", "-d", "--name", "intruder", ...labels, image, "sleep", "600");
  const { code, problems } = await status();
  expect({ code, problems }).toEqual({
    code: 5,
    problems: [expect.stringMatching(/worker runs sha256:/), `${hostText(1)}: worker is exited (exit code 137)`],
  });
  expect((await start("status").ended).stdout).toContain("worker is exited");
  onHost(0, "docker", "rm", "-f", "intruder");
  await result("deploy", "-e", "prod");
  expect((await status()).code).toBe(0);
});

test("a release that is not healthy: every host is back on the old one, and the reason is told, on a full disk too", async () => {
  shas.broken = await release("broken");
  const run = start("deploy", "-e", "prod");
  const log = (): string => onHost(0, "sh", "-c", "cat /var/lib/threads/log/4.log 2>/dev/null || true");
  await expect.poll(log, { timeout: 120_000 }).toContain("== verify");
  onHost(0, "sh", "-c", "cat /dev/zero >/var/lib/threads/filler 2>/dev/null || true");
  expect(onHost(0, "df", "--output=avail", "/var/lib/threads")).toMatch(/\s0$/);
  const { code, stderr } = await run.ended;
  expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining("status 500") });
  onHost(0, "rm", "/var/lib/threads/filler");
  for (const index of [0, 1]) onHost(index, "sh", "-c", leaveSmallDisk);
  expect(await served()).toEqual([shas.good, shas.good]);
  expect((await status()).code).toBe(0);
});

test("Ctrl-C: the host at work finishes, the next one is not begun, and the next run goes on", async () => {
  shas.slow = await release("slow");
  slowMigration(8);
  const run = start("deploy", "-e", "prod");
  await run.says("prod-1");
  run.child.kill("SIGINT");
  const { code, stderr } = await run.ended;
  expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringContaining("was not touched") });
  expect(await served()).toEqual([shas.slow, shas.good]);
  slowMigration(0);
  expect((await status()).code).toBe(5);
  await result("deploy", "-e", "prod");
  expect(await served()).toEqual([shas.slow, shas.slow]);
  expect((await status()).code).toBe(0);
});

test("Ctrl-C twice: the host at work is cancelled and brought back, nothing goes on there, and the next run works", async () => {
  shas.other = await release("other");
  slowMigration(60);
  const run = start("deploy", "-e", "prod");
  await run.says("prod-1");
  await expect
    .poll(() => onHost(0, "docker", "ps", "--format", "{{.Names}}"), { timeout: 60_000 })
    .toContain("migrate-run");
  run.child.kill("SIGINT");
  await run.says("no further host");
  // Two signals within 200 ms are one wish (src/lib/cli/signals.ts).
  await new Promise((resolve) => setTimeout(resolve, 300));
  run.child.kill("SIGINT");
  const { code, stderr } = await run.ended;
  expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringContaining("is back") });
  expect(await served()).toEqual([shas.slow, shas.slow]);
  expect(onHost(0, "ps", "-eo", "args")).not.toMatch(/_script\.sh|docker compose/);
  expect(onHost(0, "docker", "ps", "-a", "--format", "{{.Names}}")).not.toContain("migrate-run");
  expect((await status()).problems).toEqual([]);
  slowMigration(0);
  await result("deploy", "-e", "prod");
  expect(await served()).toEqual([shas.other, shas.other]);
});

test("a rollback needs no registry", async () => {
  const registry = docker("ps", "-q", "--filter", `name=threads-${world.id}-registry`);
  docker("stop", "-t", "1", registry);
  const back = await result<RolloutResult>("rollback", "-e", "prod");
  docker("start", registry);
  expect(back).toMatchObject({ kind: "rollback", release: { revision: shas.slow } });
  expect(await served()).toEqual([shas.slow, shas.slow]);
  expect((await status()).code).toBe(0);
  const again = await start("deploy", "-e", "prod").ended;
  expect({ code: again.code, stderr: again.stderr }).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`next: threads deploy -e prod ${shas.other} --lift-hold 9`),
  });
});

test("history tells it all, newest first", async () => {
  const { deployments } = await result<HistoryResult>("history", "-e", "prod");
  expect(deployments.map((one) => `${one.number} ${one.kind} ${one.result}`)).toEqual([
    "9 rollback succeeded",
    "8 deploy succeeded",
    "7 deploy interrupted",
    "6 deploy succeeded",
    "5 deploy interrupted",
    "4 deploy rolled-back",
    "3 deploy succeeded",
    "2 deploy succeeded",
    "1 deploy rolled-back",
  ]);
});

test("across a contract migration only where that is said, and then to any release that has run here", async () => {
  shas.narrow = await release("narrow", ["0002"]);
  const deploy = ["deploy", "-e", "prod", "--lift-hold", "9"];
  const narrowing = await result<RolloutResult>(...deploy, "--dry-run");
  expect(narrowing.migrations).toEqual({ added: [{ name: "0002", kind: "contract" }], dropped: [] });
  expect(await result<RolloutResult>(...deploy)).toMatchObject({ number: 10, liftsHold: 9, undo: null });
  for (const name of [[], ["8"], [shas.good.slice(0, 7)], ["dev"]]) {
    const { code, stderr } = await start("rollback", "-e", "prod", ...name).ended;
    expect({ name, code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("1 contract migration of"),
    });
    expect(stderr).toContain("threads exec -e prod web -- rm -v 0002");
  }
  expect(await served()).toEqual([shas.narrow, shas.narrow]);
  // As if it had long been pruned: one host has kept nothing of it.
  const toGood = ["rollback", "-e", "prod", shas.good.slice(0, 12), "--across-contract"];
  const planned = await result<RolloutResult>(...toGood, "--dry-run");
  const good = planned.release.bundle.slice("sha256:".length).slice(0, 12);
  onHost(0, "sh", "-c", `docker image rm $(docker images --format '{{.Repository}}:{{.Tag}}' | grep keep-${good})`);
  onHost(0, "rm", "-r", `/var/lib/threads/releases/${good}`);
  const back = await result<RolloutResult>(...toGood);
  expect(back).toMatchObject({ number: 11, rollbackOf: 10, release: { revision: shas.good } });
  expect(await served()).toEqual([shas.good, shas.good]);
  expect((await status()).code).toBe(0);
  const never = await start("rollback", "-e", "prod", shas.broken).ended;
  expect({ code: never.code, stderr: never.stderr }).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`next: threads deploy -e prod ${shas.broken}`),
  });
});

describe("what a host lacks is named before anything is touched", () => {
  const environment = "/etc/threads/threads.env";
  const deploy = ["deploy", "-e", "prod", "--lift-hold", "11"];
  const refused = async (): Promise<string> => {
    const { code, stderr } = await start(...deploy).ended;
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining("ended before anything was") });
    return stderr;
  };

  test("a $ in its environment file, by the key and without the value", async () => {
    shas.last = await release("last");
    onHost(0, "sh", "-c", `cp -p ${environment} /tmp/kept; echo 'PASSWORD=abc$Secret' >>${environment}`);
    const stderr = await refused();
    expect(stderr).toMatch(/put them in single quotes: PASSWORD \[HOST_NOT_READY\]$/m);
    expect(stderr).not.toContain("Secret");
    onHost(0, "sh", "-c", `cp -p /tmp/kept ${environment}; echo 'half"a secret' >>${environment}`);
    const broken = await refused();
    expect(broken).toMatch(/compose cannot read line \d+ of \/etc\/threads\/threads\.env/);
    expect(broken).not.toContain("half");
    onHost(0, "cp", "-p", "/tmp/kept", environment);
  });

  test("its port: the stack that somebody started by hand, or the program", async () => {
    const image = onHost(0, "docker", "inspect", "--format", "{{.Config.Image}}", `${app}-web-1`);
    const stack = JSON.stringify({ services: { web: { image, ports: ["8088:80"], command: ["sleep", "600"] } } });
    onHost(0, "sh", "-c", `echo EXTRA_PORT=8088 >>${environment}`);
    onHost(0, "sh", "-c", `echo '${stack}' | docker compose -p backend -f - up -d`);
    expect(await refused()).toContain(
      "port 8088 is taken by the container backend-web-1 of the compose project backend",
    );
    onHost(0, "docker", "compose", "-p", "backend", "down", "-t", "1");
    onHost(
      0,
      "sh",
      "-c",
      "setsid socat TCP-LISTEN:8088,fork /dev/null </dev/null >/dev/null 2>&1 & echo $! >/tmp/taken",
    );
    await expect.poll(() => onHost(0, "ss", "-Hltn")).toContain(":8088");
    // By the name of its file: Debian's socat is a link to that.
    expect(await refused()).toMatch(/port 8088 is taken by socat1? \(process \d+\): stop it/);
    onHost(0, "sh", "-c", "kill $(cat /tmp/taken)");
    onHost(0, "cp", "-p", "/tmp/kept", environment);
  });

  test("a program that our script needs", async () => {
    // One without which the sandbox's own agent can do.
    onHost(0, "mv", "/usr/bin/tac", "/usr/bin/away");
    expect(await refused()).toContain("this host lacks tac (package coreutils)");
    onHost(0, "mv", "/usr/bin/away", "/usr/bin/tac");
  });

  test("and once it is there, the same goes through", async () => {
    expect(await served()).toEqual([shas.good, shas.good]);
    await result(...deploy);
    expect(await served()).toEqual([shas.last, shas.last]);
    expect((await status()).code).toBe(0);
  });
});

test("a host that is gone: status names it, deploy refuses, nothing changes", async () => {
  docker("kill", container(1));
  const { code, problems } = await status();
  expect({ code, problems }).toEqual({
    code: 5,
    problems: [expect.stringContaining(`${hostText(1)}: what runs there is unknown: offline`)],
  });
  const refused = await start("deploy", "-e", "prod", shas.good).ended;
  expect({ code: refused.code, stderr: refused.stderr }).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("not online"),
  });
  expect(refused.stderr).toMatch(/next: threads status -e prod/);
  docker("start", container(1));
  await expect.poll(async () => (await status()).code, { timeout: 60_000 }).toBe(0);
});

function hostText(index: number): string {
  const { id, name } = prod()[index] ?? { id: "", name: "" };
  return `${name} (${id})`;
}

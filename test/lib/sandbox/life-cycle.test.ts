import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { CommandFailed, type Processes } from "../../../src/lib/process/processes.ts";
import { down } from "../../../src/lib/sandbox/down.ts";
import { runningEnvironment } from "../../../src/lib/sandbox/environment.ts";
import { sandboxId } from "../../../src/lib/sandbox/layout.ts";
import { readState, stateFolder } from "../../../src/lib/sandbox/state.ts";
import { status } from "../../../src/lib/sandbox/status.ts";
import { up } from "../../../src/lib/sandbox/up.ts";
import type { UpResult } from "../../../src/lib/sandbox/up-result.ts";
import { aConfig } from "../../fakes/config.ts";
import { fakeEngine, type FakeEngine } from "./fake-engine.ts";
import { configOf, packageIn, portsOf, temporaryRoot } from "./world.ts";

let engine: FakeEngine;
let root: string;
beforeEach(() => {
  engine = fakeEngine();
  root = temporaryRoot(onTestFinished);
});
afterEach(() => engine.close());

const start = (more: Partial<Parameters<typeof up>[0]> = {}, ports = portsOf(root, engine)): Promise<UpResult> =>
  up({ hosts: undefined, env: {}, files: more.files ?? packageIn(root), ...more }, ports);
const runs = (): string[] =>
  engine.calls.filter(([verb]) => verb === "run").map((args) => args[args.indexOf("--name") + 1] ?? "");
const refusal = async (promise: Promise<unknown>): Promise<ThreadsError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ThreadsError);
  return error as ThreadsError;
};

describe("up", () => {
  test("starts four services and three hosts, makes repositories, databases and environment files", async () => {
    const result = await start();
    expect(result.hosts.map(({ name }) => name)).toEqual(["staging-1", "prod-1", "prod-2"]);
    expect(result.hosts.every(({ id }) => /^i-[0-9a-f]{17}$/.test(id))).toBe(true);
    expect(engine.containers.size).toBe(7);
    expect(engine.roles).toEqual(
      [
        "publisher",
        "staging-deployer",
        "staging-archivist",
        "staging-host",
        "prod-deployer",
        "prod-archivist",
        "prod-host",
        "reader",
      ].map((name) => `threads-${name}`),
    );
    expect(engine.repositories.sort()).toEqual(
      ["bundle", "celery", "celery-beat", "edge", "nginx", "web"].map((name) => `threads/${name}`),
    );
    expect(engine.inputs.get(`threads-${result.id}-postgres`)).toContain('CREATE DATABASE "threads_prod"');
    expect(engine.inputs.get(`threads-${result.id}-prod-2`)).toContain("POSTGRES_DB=threads_prod\n");
  });

  test("puts its state in a folder that only the user can read", async () => {
    await start();
    expect(statSync(stateFolder(root)).mode & 0o777).toBe(0o700);
    expect(statSync(join(stateFolder(root), "sandbox.json")).mode & 0o777).toBe(0o600);
    expect(existsSync(join(stateFolder(root), "lock"))).toBe(false);
  });

  test("leaves the checkout as clean as it was, for git itself", async () => {
    const git = (...args: string[]): string =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: root, encoding: "utf8" });
    git("init", "-q");
    writeFileSync(join(root, "package.json"), "{}");
    packageIn(root);
    git("add", "-A");
    git("commit", "-qm", "x");
    await start();
    expect(existsSync(join(stateFolder(root), "sandbox.json"))).toBe(true);
    expect(git("status", "--porcelain", "--untracked-files=all")).toBe("");
  });

  test("starts no PostgreSQL and no Redis where the application asks for none, not even their images", async () => {
    for (const image of ["postgres:17", "redis:7"]) engine.images.delete(image);
    const none = portsOf(root, engine, {
      config: configOf(root, { sandbox: { env: { A: "${ENVIRONMENT}" }, services: [] } }),
    });
    const result = await start({}, none);
    expect(result.started).toEqual(["registry", "aws", "staging-1", "prod-1", "prod-2"]);
    expect(engine.inputs.get(`threads-${result.id}-prod-1`)).toBe("A=prod\n");
    expect((await status({ env: { DOCKER_HOST: "unix:///no-such.sock" } }, none)).outcome).toBe("complete");
    engine.calls.length = 0;
    expect((await start({}, none)).outcome).toBe("already-up");
    // Asked for later, they come with the databases of every environment.
    for (const image of ["postgres:17", "redis:7"]) engine.images.add(image);
    expect((await start()).started).toEqual(["postgres", "redis"]);
    expect(engine.inputs.get(`threads-${result.id}-postgres`)).toContain('CREATE DATABASE "threads_prod"');
  });

  test("gives running hosts what sandbox.env says now", async () => {
    await start();
    const config = configOf(root, { sandbox: { env: { A: "new" }, services: ["postgres", "redis"] } });
    const { id, started } = await start({}, portsOf(root, engine, { config }));
    expect(started).toEqual([]);
    expect(engine.inputs.get(`threads-${id}-prod-1`)).toBe("A=new\n");
  });

  test("has hosts for the environments that threads.yml names, and says the first of them", async () => {
    const environments = {
      dev: {},
      qa: { hosts: { tag: "role=qa" } },
      live: { hosts: { tag: "role=live", minimum: 2 } },
    };
    const config = { ...configOf(root), environments: aConfig({ environments }).environments };
    const result = await start({}, portsOf(root, engine, { config }));
    expect(result.hosts.map(({ name }) => name)).toEqual(["qa-1", "live-1", "live-2"]);
    expect(result.next.at(-1)).toBe("threads deploy -e qa HEAD");
  });

  test("never shows a secret in a command line", async () => {
    await start();
    const state = readState(root);
    const words = engine.calls.flat().join("\n");
    for (const secret of [
      state?.secretAccessKey,
      state?.postgresPassword,
      state?.environments["prod"]?.databasePassword,
    ])
      expect(words).not.toContain(secret);
    expect(engine.containers.get(`threads-${state?.id}-aws`)?.env["SANDBOX_SECRET_ACCESS_KEY"]).toBe(
      state?.secretAccessKey,
    );
  });

  test("a second time asks docker once and starts nothing", async () => {
    const first = await start();
    engine.calls.length = 0;
    const second = await start();
    expect(second).toEqual({ ...first, outcome: "already-up", started: [] });
    expect(engine.calls.map((words) => words.slice(0, 2))).toEqual([["container", "ls"]]);
  });

  test("replaces a host that was killed, and nothing else", async () => {
    const { id } = await start();
    const killed = engine.containers.get(`threads-${id}-prod-2`);
    if (killed !== undefined) killed.state = "exited";
    engine.calls.length = 0;
    expect((await start()).started).toEqual(["prod-2"]);
    expect(runs()).toEqual([`threads-${id}-prod-2`]);
  });

  test("adds and removes hosts as told, and keeps the layout when told nothing", async () => {
    const { id, hosts } = await start();
    const changed = await start({ hosts: [{ env: "prod", count: 3 }] });
    expect(changed.hosts.map(({ name }) => name)).toEqual(["prod-1", "prod-2", "prod-3"]);
    expect(changed.started).toEqual(["prod-3"]);
    expect(engine.containers.has(`threads-${id}-staging-1`)).toBe(false);
    expect(changed.hosts.slice(0, 2)).toEqual(hosts.slice(1));
    expect((await start()).hosts).toEqual(changed.hosts);
  });

  test("rebuilds and replaces only what a changed server is in", async () => {
    await start();
    const files = packageIn(root);
    writeFileSync(join(files.compiled, "sandbox", "server", "main.js"), "// another server\n");
    engine.calls.length = 0;
    expect((await start({ files })).started).toEqual(["registry", "aws"]);
    expect(engine.calls.filter(([verb]) => verb === "build")).toHaveLength(1);
  });

  test("shows the step of an image that cannot be built, and what it printed", async () => {
    const run: Processes["run"] = async (command, options = {}) => {
      if (command.args[0] !== "build") return engine.processes.run(command, options);
      const progress =
        options.env?.["BUILDKIT_PROGRESS"] === "plain" ? ["#5 [2/9] RUN apt-get", "#5 0.3 E: no luck"] : [];
      const end = 'process "/bin/sh -c apt-get" did not complete successfully: exit code: 100';
      for (const line of [...progress, `#5 ERROR: ${end}`]) options.onLine?.(line, "stderr");
      throw new CommandFailed({
        command,
        exitCode: 1,
        tail: [`ERROR: failed to solve: ${end}`],
        reason: "exited with 1",
      });
    };
    const error = await refusal(start({}, portsOf(root, { ...engine, processes: { run } })));
    expect(error).toMatchObject({
      code: "IMAGE_BUILD",
      message: expect.stringMatching(
        /^the image of .* could not be built at \[2\/9\] RUN apt-get: exit code: 100$/,
      ) as string,
      details: ["E: no luck"],
    });
  });

  test.each([
    ["Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "DOCKER_DOWN", "docker info"],
    ["Error: something new", "IMAGE_NOT_AVAILABLE", "docker pull redis:7"],
    [
      'Error response from daemon: Get "https://r.example.com/v2/": dial tcp: lookup r.example.com: no such host',
      "REGISTRY_UNREACHABLE",
      "curl -I https://r.example.com/v2/",
    ],
  ])("names what stands in the way of an image that is not here: %s", async (says, code, next) => {
    engine.images.delete("redis:7");
    const run: Processes["run"] = (command, options) =>
      command.args[0] === "pull"
        ? Promise.reject(new CommandFailed({ command, exitCode: 1, tail: [says], reason: "exited with 1" }))
        : engine.processes.run(command, options);
    expect(await refusal(start({}, portsOf(root, { ...engine, processes: { run } })))).toMatchObject({
      code,
      exitCode: 3,
      details: [says],
      next: expect.arrayContaining([next, "bin/setup"]) as string[],
    });
    expect(engine.containers.size).toBe(0);
  });

  test("interrupted, takes back what it started, and the next one works", async () => {
    const control = new AbortController();
    const reason = new ThreadsError("INTERRUPTED", { message: "interrupted" });
    engine.before = (args) => (args[0] === "exec" ? control.abort(reason) : undefined);
    expect(await refusal(start({}, portsOf(root, engine, { signal: control.signal })))).toBe(reason);
    expect([...engine.containers.keys()]).toEqual([]);
    expect([...engine.networks]).toEqual([]);
    expect(readState(root)?.ready).toBeUndefined();
    engine.before = () => undefined;
    expect((await start()).started).toHaveLength(7);
  });

  test("interrupted while PostgreSQL initialises, starts that volume anew; never later", async () => {
    const control = new AbortController();
    engine.before = (args) => {
      if (args[0] === "exec" && args[2]?.endsWith("-postgres") === true) control.abort(new Error("Ctrl-C"));
    };
    await expect(start({}, portsOf(root, engine, { signal: control.signal }))).rejects.toThrow("Ctrl-C");
    const volume = `threads-${sandboxId(root)}-postgres`;
    const removed = (): number => engine.calls.filter((args) => args[0] === "volume" && args.includes(volume)).length;
    engine.before = () => undefined;
    engine.calls.length = 0;
    await start();
    expect(removed()).toBe(1);
    await down({ purge: false }, portsOf(root, engine));
    await start();
    expect(removed()).toBe(1);
  });

  test("interrupted while adding a host, leaves alone what ran before", async () => {
    const { id } = await start();
    const control = new AbortController();
    engine.before = (args) =>
      args[0] === "exec" ? control.abort(new ThreadsError("INTERRUPTED", { message: "x" })) : undefined;
    const hosts = [
      { env: "staging", count: 1 },
      { env: "prod", count: 3 },
    ];
    await refusal(start({ hosts }, portsOf(root, engine, { signal: control.signal })));
    expect(engine.containers.size).toBe(7);
    expect(engine.containers.has(`threads-${id}-prod-3`)).toBe(false);
    expect(engine.networks.size).toBe(1);
  });

  test("names the container that does not become ready, with its log", async () => {
    engine.before = (args) => {
      const container = engine.containers.get(args[2] ?? "");
      if (args[0] === "exec" && args[2]?.endsWith("prod-1") === true && container !== undefined)
        container.state = "exited";
    };
    const error = await refusal(start());
    expect(error.code).toBe("SANDBOX_NOT_READY");
    expect(error.message).toContain("prod-1");
    expect(error.details).toEqual(["the last thing it said"]);
    expect(error.next[0]).toMatch(/^docker logs threads-.*-prod-1$/);
  });

  test("keeps the region of its first start, and follows a configuration that names one", async () => {
    await start({ env: { AWS_REGION: "us-east-2" } });
    await start({ env: { AWS_REGION: "eu-north-1" } });
    expect(readState(root)?.region).toBe("us-east-2");
    await start(
      {},
      portsOf(root, engine, { config: configOf(root, { region: "eu-west-3", account: "123456789012" }) }),
    );
    expect(readState(root)).toMatchObject({ region: "eu-west-3", account: "123456789012" });
  });
});

describe("ports", () => {
  test("refuse a start while another program has the endpoint's, and say the way out", async () => {
    const { endpoint } = await start();
    await down({ purge: false }, portsOf(root, engine));
    await occupy(Number(new URL(endpoint).port));
    const error = await refusal(start());
    expect(error.code).toBe("SANDBOX_PORT_TAKEN");
    expect(error.message).toContain(new URL(endpoint).port);
    const owner = process.platform === "linux" ? `(process ${process.pid})` : "another program";
    expect(error.message).toContain(owner);
    expect(error.next.join("\n")).toContain("threads sandbox down --purge");
  });

  test("of hosts are chosen again, and the change is said", async () => {
    const before = await start();
    await down({ purge: false }, portsOf(root, engine));
    await occupy(Number(new URL(before.hosts[0]?.url ?? "").port));
    const ports = portsOf(root, engine);
    const after = await start({}, ports);
    expect(after.hosts[0]?.url).not.toBe(before.hosts[0]?.url);
    expect(after.hosts.slice(1)).toEqual(before.hosts.slice(1));
    expect(ports.said.join()).toContain("staging-1");
  });
});

describe("down", () => {
  test("removes containers and network, keeps volumes, credentials and ports", async () => {
    const before = await start();
    const state = readState(root);
    const result = await down({ purge: false }, portsOf(root, engine));
    expect(result).toMatchObject({ removed: { containers: 7, networks: 1, volumes: 0 }, kept: 13, outcome: "stopped" });
    expect([engine.containers.size, engine.networks.size, engine.volumes.size]).toEqual([0, 0, 13]);
    const after = await start();
    expect({ ...after, started: [] }).toEqual({ ...before, started: [] });
    expect(readState(root)).toEqual(state);
  });

  test("leaves a container alone that only has the label, from an image", async () => {
    await start();
    engine.containers.set("customer-db", { state: "running", spec: "", network: "bridge", env: {} });
    expect((await start({ hosts: [{ env: "prod", count: 1 }] })).started).toEqual([]);
    expect(await down({ purge: true }, portsOf(root, engine))).toMatchObject({ removed: { containers: 5 } });
    expect([...engine.containers.keys()]).toEqual(["customer-db"]);
  });

  test("--purge leaves nothing, and twice is fine", async () => {
    await start();
    await down({ purge: true }, portsOf(root, engine));
    expect([engine.containers.size, engine.networks.size, engine.volumes.size]).toEqual([0, 0, 0]);
    expect(existsSync(join(root, ".threads"))).toBe(false);
    expect(await down({ purge: true }, portsOf(root, engine))).toMatchObject({
      removed: { containers: 0, volumes: 0 },
    });
    expect(existsSync(join(root, ".threads"))).toBe(false);
  });

  test("volumes without their state are refused by up, and purged by down", async () => {
    engine.volumes.add(`threads-${sandboxId(root)}-postgres`);
    expect((await refusal(start())).code).toBe("SANDBOX_ORPHANS");
    await down({ purge: true }, portsOf(root, engine));
    expect((await start()).started).toHaveLength(7);
  });
});

describe("status and env", () => {
  test("refuse where there is no sandbox, or where it is down", async () => {
    const ask = (): Promise<unknown> => status({ env: { DOCKER_HOST: "unix:///no-such.sock" } }, portsOf(root, engine));
    expect(await refusal(ask())).toMatchObject({ code: "SANDBOX_NOT_UP", exitCode: 3, next: ["threads sandbox up"] });
    await start();
    await down({ purge: false }, portsOf(root, engine));
    expect(await refusal(ask())).toMatchObject({ code: "SANDBOX_NOT_UP", exitCode: 3 });
    expect((await refusal(runningEnvironment(configOf(root)))).code).toBe("SANDBOX_NOT_UP");
  });

  test("show a killed host as stopped, and the memory of the others", async () => {
    const { id } = await start();
    const killed = engine.containers.get(`threads-${id}-prod-1`);
    if (killed !== undefined) killed.state = "exited";
    const result = await status({ env: { DOCKER_HOST: "unix:///no-such.sock" } }, portsOf(root, engine));
    expect(result.outcome).toBe("incomplete");
    expect(result.hosts.map(({ name, state }) => [name, state])).toEqual([
      ["staging-1", "running"],
      ["prod-1", "stopped"],
      ["prod-2", "running"],
    ]);
    expect(result.hosts[1]?.memoryBytes).toBeNull();
    expect(result.memoryBytes).toBe(6 * 10.5 * 2 ** 20);
  });

  test("lead to the sandbox and away from everything else", async () => {
    const { endpoint, repository } = await start();
    const { variables, unset } = await runningEnvironment(configOf(root));
    expect(variables).toMatchObject({
      AWS_ENDPOINT_URL: endpoint,
      ECR_REPO: repository,
      AWS_EC2_METADATA_DISABLED: "true",
    });
    expect(unset).toContain("AWS_PROFILE");
  });
});

describe("the lock", () => {
  test("is held while a command runs, and is not held by the dead", async () => {
    let second: ThreadsError | undefined;
    engine.before = async (args) => {
      if (args[0] === "network" && args[1] === "create") second = await refusal(start());
    };
    await start();
    expect(second).toMatchObject({ code: "SANDBOX_BUSY", exitCode: 4 });
    engine.before = () => undefined;
    // Above every possible process id.
    writeFileSync(join(stateFolder(root), "lock"), "999999999");
    await start();
    expect(existsSync(join(stateFolder(root), "lock"))).toBe(false);
    expect(JSON.parse(readFileSync(join(stateFolder(root), "sandbox.json"), "utf8"))).toHaveProperty("ready");
  });
});

async function occupy(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
}

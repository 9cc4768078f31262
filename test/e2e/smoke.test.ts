import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import type { SmokeResult } from "../../src/lib/stack/result.ts";
import { smoke } from "../../src/lib/actions/smoke/run.ts";
import type { ThreadsError } from "../../src/lib/errors/threads-error.ts";
import { thisOwner } from "../../src/lib/process/owner.ts";
import { inProcess } from "./in-process.ts";
import { makeSmallProject, type SmallProject, type Traits } from "./small-project.ts";

const made: SmallProject[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((project) => project.remove()));
});

async function project(traits: Traits = {}): Promise<SmallProject> {
  const one = await makeSmallProject(traits);
  made.push(one);
  return one;
}

type Passed = Extract<SmokeResult, { outcome: "passed" }>;
const run = async (root: string, env?: Record<string, string | undefined>): Promise<Passed> =>
  (await smoke({ dryRun: false }, inProcess(root, env).ports)) as Passed;
const failure = (root: string, env?: Record<string, string | undefined>): Promise<ThreadsError> =>
  run(root, env).then(
    () => Promise.reject(new Error("smoke passed")),
    (error: unknown) => error as ThreadsError,
  );
const folders = (app: string): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`${app}-`));
const healthy = (test: string): string =>
  `    healthcheck: { test: ["CMD", ${test}], interval: 300ms, retries: 1, start_period: 0s }`;

describe("a good project", () => {
  it("passes, is tagged with its sha, and leaves nothing else", async () => {
    const { root, app, revision, present } = await project();
    const result = await run(root);
    expect(result).toMatchObject({ revision, dirty: false, leftovers: [] });
    expect(result.checks.map(({ path, ok }) => `${path} ${ok}`)).toEqual(["/healthz true", "/ true", "/env true"]);
    expect(result.tagged).toEqual([`${app}-web:${revision}`, `${app}-worker:${revision}`]);
    expect(present().toSorted()).toEqual(result.tagged.toSorted());
    expect(folders(app)).toEqual([]);
    const id = execFileSync("docker", ["image", "inspect", "--format", "{{.Id}}", `${app}-web:${revision}`]);
    expect(result.images.find((image) => image.service === "web")?.id).toBe(id.toString().trim());
    // Smoked again, a commit is the same bytes: otherwise a half-done publish could not be finished.
    const again = await run(root);
    expect(again.images.map((image) => image.id)).toEqual(result.images.map((image) => image.id));
  });

  it("is smoked with uncommitted changes too, as another release and without a tag", async () => {
    const { root, revision, write, present } = await project();
    await write("new-file", "not committed");
    const { ports, warnings } = inProcess(root);
    const result = await smoke({ dryRun: false }, ports);
    expect(result).toMatchObject({ revision: `${revision}-dirty`, dirty: true, tagged: [] });
    expect(warnings).toEqual(["1 uncommitted change: the images will get no tag"]);
    expect(present()).toEqual([]);
  });

  it("gets no tag when somebody edits it while the images are built", async () => {
    const { root, write } = await project();
    const { ports, warnings } = inProcess(root);
    let asked = 0;
    const source = {
      head: async () => {
        if (asked++ === 1) await write("edited", "in the meantime");
        return ports.source.head();
      },
    };
    expect(await smoke({ dryRun: false }, { ...ports, source })).toMatchObject({ outcome: "passed", tagged: [] });
    expect(warnings).toEqual(["the working tree changed while the images were built: they get no tag"]);
  });

  it("is not disturbed by what the shell says", async () => {
    const { root } = await project();
    const stray = {
      WEB_IMAGE: "debian:trixie-slim",
      COMPOSE_FILE: "/nowhere.yml",
      COMPOSE_PROJECT_NAME: "prod",
      SECRET: "x",
      GREETING: "y",
    };
    const before = { ...process.env };
    Object.assign(process.env, stray);
    try {
      expect(await run(root, process.env)).toMatchObject({ outcome: "passed" });
    } finally {
      for (const name of Object.keys(stray)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  it("can be smoked twice at once", async () => {
    const { root, app } = await project();
    const results = await Promise.all([run(root), run(root)]);
    expect(results.map(({ outcome, tagged }) => [outcome, tagged.length])).toEqual([
      ["passed", 2],
      ["passed", 2],
    ]);
    expect(folders(app)).toEqual([]);
  });

  it("may name no image, inherit a label and want a port that is taken: threads puts all that there itself", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const { root, app, write, commit, present } = await project({
      web: `    ports: ["127.0.0.1:${port}:8080"]
    container_name: web-of-somebody
    healthcheck: { test: ["CMD", "true"], interval: 300ms, start_interval: 100ms }`,
    });
    const text = readFileSync(`${root}/smoke.yml`, "utf8");
    await write("smoke.yml", text.replaceAll(/^ +image: .*\n(?= +build:)/gm, ""));
    await write(
      "Dockerfile",
      `FROM debian:trixie-slim AS base
LABEL org.opencontainers.image.revision=of-the-base-image
FROM base
COPY *.pl /srv/
CMD ["perl","/srv/server.pl"]
ARG REVISION
ENV REVISION=$REVISION
`,
    );
    const revision = commit();
    const { ports, warnings } = inProcess(root);
    expect(await smoke({ dryRun: false }, ports)).toMatchObject({
      tagged: [`${app}-web:${revision}`, `${app}-worker:${revision}`],
    });
    expect(warnings).toEqual([expect.stringMatching(/^docker ignores start_interval in the health check of web, /)]);
    const labels = execFileSync("docker", [
      "image",
      "inspect",
      "-f",
      "{{json .Config.Labels}}",
      `${app}-web:${revision}`,
    ]);
    expect(JSON.parse(labels.toString())).toMatchObject({
      "org.opencontainers.image.revision": revision,
      "org.threads.tree": expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    });
    expect(present().filter((name) => !name.includes(revision))).toEqual([]);
    taken.close();
  });

  it("may name a volume and a network that are somebody's: these stay as they are", async () => {
    const { root, app, write, commit, present } = await project();
    const [data, net] = [`${app}-theirs`, `${app}-theirs-net`];
    const text = readFileSync(`${root}/smoke.yml`, "utf8");
    const named = `volumes: { data: { name: ${data} } }\nnetworks: { default: { name: ${net} } }`;
    await write("smoke.yml", text.replace("volumes: { data: {} }", named));
    const revision = commit();
    execFileSync("docker", ["volume", "create", data]);
    execFileSync("docker", ["network", "create", net]);
    try {
      expect((await run(root)).leftovers).toEqual([]);
      expect(present().filter((name) => !name.includes(revision))).toEqual([net, data]);
    } finally {
      execFileSync("docker", ["volume", "rm", "--force", data]);
    }
  });

  it("may run its entry in another service's network", async () => {
    const { root } = await project({
      web: `    network_mode: "service:worker"\n${healthy('"perl", "/srv/ask.pl"').replace("retries: 1", "retries: 30")}`,
      worker: healthy('"true"'),
    });
    expect((await run(root)).checks.every(({ ok }) => ok)).toBe(true);
  });

  it("is only looked at by --dry-run", async () => {
    const { root, app, revision, present } = await project();
    expect(await smoke({ dryRun: true }, inProcess(root).ports)).toEqual({
      outcome: "planned",
      next: ["threads smoke"],
      advice: [],
      revision,
      tree: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      dirty: false,
      compose: ["smoke.yml"],
      images: [
        { service: "web", tag: `${app}-web:${revision}`, reference: null },
        { service: "worker", tag: `${app}-worker:${revision}`, reference: null },
      ],
      environment: { template: "env.example", generated: ["SECRET"] },
      checks: ["/healthz", "/", "/env"],
      bundle: null,
    });
    expect(present()).toEqual([]);
  });
});

describe("a bad project fails with the cause, and leaves nothing", () => {
  it.each<[string, Traits, Partial<ThreadsError>]>([
    [
      "check that fails",
      { checks: "    - { path: /healthz, contains: nonsense }\n    - { path: /nothing }" },
      { code: "CHECKS_FAILED", exitCode: 5 },
    ],
    ["unhealthy container", { worker: healthy('"false"') }, { code: "SERVICE_FAILED", message: "worker is unhealthy" }],
    [
      "crash loop, which compose takes for running",
      { worker: '    entrypoint: ["sh", "-c", "sleep 0.2; exit 3"]\n    restart: always' },
      { code: "SERVICE_FAILED", exitCode: 5 },
    ],
    [
      "container that ends",
      { worker: '    entrypoint: ["sh", "-c", "echo bye; exit 4"]' },
      { code: "SERVICE_FAILED", message: "worker ended with exit code 4", details: ["worker | bye"] },
    ],
    [
      "container that never gets healthy",
      { timeout: 8, worker: '    healthcheck: { test: ["CMD", "false"], start_period: 60s, start_interval: 200ms }' },
      { code: "NOT_HEALTHY", message: "after 8 s these services are still not ready: worker (starting)" },
    ],
    ["entry that can have no port", { web: "    network_mode: none" }, { code: "COMPOSE_FILE", exitCode: 2 }],
    ["file that compose cannot read", { worker: "    nonsense: true" }, { code: "COMPOSE_FILE", exitCode: 2 }],
  ])("%s", async (_name, traits, expected) => {
    const { root, app, present } = await project(traits);
    expect(await failure(root)).toMatchObject(expected);
    expect(present()).toEqual([]);
    expect(folders(app)).toEqual([]);
  });

  it("and names each failed check, but never a secret that a log shows", async () => {
    const { root } = await project({ checks: "    - { path: /healthz }\n    - { path: /nothing }" });
    const { message, details } = await failure(root);
    expect(message).toBe("1 of 2 checks failed: /nothing status 404, expected 200");
    expect(details[0]).toBe("/nothing: status 404, expected 200");
    expect(details).toContain("web | the secret is [redacted]");
  });

  it("also when its Dockerfile is broken: the step, and what it printed but for the secrets in it", async () => {
    const { root, write, commit, present } = await project();
    const steps = "RUN sleep 60\nFROM base\nARG TOKEN\nRUN echo $TOKEN planted && exit 9";
    await write(
      "Dockerfile",
      `FROM debian:trixie-slim AS base\nFROM base AS slow\n${steps}\nCOPY --from=slow /etc/hostname /\n`,
    );
    const yaml = readFileSync(`${root}/smoke.yml`, "utf8");
    await write("smoke.yml", yaml.replace("args: {", 'args: { TOKEN: "${SECRET}",'));
    commit();
    const error = await failure(root);
    expect(error).toMatchObject({
      code: "COMPOSE_FAILED",
      exitCode: 5,
      message: expect.stringMatching(
        /^docker compose build failed at Dockerfile, \[\w+ .*\] RUN echo \[redacted\] .*…: exit code: 9$/,
      ) as string,
      details: ["[redacted] planted"],
    });
    expect(present()).toEqual([]);
  });

  it("also when its base image is of a registry that is nowhere, which is not the daemon's fault", async () => {
    const { root, write, commit, present } = await project();
    await write("Dockerfile", "FROM registry.invalid/base:1\n");
    commit();
    expect(await failure(root)).toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      exitCode: 3,
      message: expect.stringMatching(
        /^registry\.invalid\/base:1 cannot be pulled: the registry registry\.invalid does not answer/,
      ) as string,
    });
    expect(present()).toEqual([]);
  });

  it.each(["unix:///nonexistent", "tcp://daemon.invalid:2375"])(
    "also when the daemon is not at %s, at once",
    async (at) => {
      const { root, app } = await project();
      process.env["DOCKER_HOST"] = at;
      const error = await failure(root).finally(() => delete process.env["DOCKER_HOST"]);
      expect(error).toMatchObject({ code: "DOCKER_DOWN", exitCode: 3, message: "the Docker daemon does not answer" });
      expect(error.next[0]).toBe("bin/setup");
      expect(folders(app)).toEqual([]);
    },
  );
});

describe("stacks of runs that were killed", () => {
  const flags = (name: string, owner: string): string[] =>
    [`com.docker.compose.project=${name}`, "threads.smoke=1", "threads.started=1000", `threads.owner=${owner}`].flatMap(
      (label) => ["--label", label],
    );
  // A process of another place is taken for alive; numbers of this one's end at 2^22.
  const dead = thisOwner().replace(/\d+$/, "4194999");

  it("are removed by the next run, and nothing else is", async () => {
    const { root, app } = await project();
    const network = (name: string, owner: string): void => {
      const own = ["--label", "com.docker.compose.network=default", ...flags(name, owner)];
      execFileSync("docker", ["network", "create", ...own, `${name}_default`]);
    };
    network(`${app}-smoke-0000a11e`, "elsewhere:1");
    network(`${app}-smoke-0000dead`, dead);
    network(`${app}-customer`, dead);
    const { ports, lines } = inProcess(root);
    await smoke({ dryRun: false }, ports);
    const removing = `Removing ${app}-smoke-0000dead, left by a run of 1970-01-01 00:16 UTC that was killed`;
    // Whatever smoke runs on this engine meanwhile, of another test or person, may have come first.
    expect([[removing], []]).toContainEqual(lines);
    const networks = execFileSync("docker", ["network", "ls", "--format", "{{.Name}}"]).toString();
    expect(networks).not.toContain(`${app}-smoke-0000dead`);
    expect(networks).toContain(`${app}-smoke-0000a11e`);
    expect(networks).toContain(`${app}-customer`);
  });

  it("are not what an image says of itself: somebody's container of it stays", async () => {
    const { root, app } = await project();
    const said = `${app}-smoke-0000beef`;
    const labels = ["com.docker.compose.service=web", "com.docker.compose.version=2.26.1"].flatMap((label) => [
      "--label",
      label,
    ]);
    const build = ["build", "--quiet", "--tag", `${app}-labels:1`, ...labels, ...flags(said, dead), "-"];
    execFileSync("docker", build, { input: "FROM debian:trixie-slim\n" });
    execFileSync("docker", ["run", "-d", "--init", "--name", `${app}-somebodys`, `${app}-labels:1`, "sleep", "600"]);
    const { ports, lines } = inProcess(root);
    await smoke({ dryRun: false }, ports);
    expect(lines).toEqual([]);
    expect(await ports.compose.containers(said, ports.signal)).toEqual([]);
    const state = execFileSync("docker", ["inspect", "--format", "{{.State.Status}}", `${app}-somebodys`]);
    expect(state.toString().trim()).toBe("running");
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { dockerCompose } from "../../../src/lib/compose/docker-compose.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { githubAnnotation } from "../../../src/lib/output/error.ts";
import { failed, type Reply, scriptedDocker } from "../docker/scripted-docker.ts";

/** What Compose 2.26 prints on stdout, and newer ones (bake) on stderr, before the sentence with which it ends. */
const log = (...lines: readonly string[]): string[] => ["#7 [web 2/3] RUN pip install .", ...lines];
const ran = 'process "/bin/sh -c pip install ." did not complete successfully: exit code: 1';

interface CommandEnd {
  readonly exitCode: number | undefined;
  readonly reason: string;
}

function build(progress: readonly string[], stderr: string, end: Partial<CommandEnd> = {}): Promise<unknown> {
  const { exitCode, reason }: CommandEnd = { exitCode: 17, reason: "exited with 17", ...end };
  const processes = scriptedDocker((args, options): Reply => {
    for (const line of progress) options.onLine?.(line, "stdout");
    throw failed({ file: "docker", args }, { exitCode, stderr }, reason);
  });
  const stack = { name: "p", files: ["/f"], envFiles: [], keys: [] };
  return dockerCompose({ processes, clock: systemClock, env: {} })
    .build(stack, { app: "app", services: ["web"] }, { signal: new AbortController().signal })
    .catch((error: unknown) => error);
}

describe("images that cannot be built", () => {
  it.each(["", "target web: "])(
    "name the step, and show the last that it printed (%sfailed to solve)",
    async (bake) => {
      expect(
        await build(log("#7 0.9 no matching distribution", `#7 ERROR: ${ran}`), `${bake}failed to solve: ${ran}`),
      ).toMatchObject({
        code: "COMPOSE_FAILED",
        outcome: "checks",
        message: "docker compose build failed at [web 2/3] RUN pip install .: exit code: 1",
        details: ["no matching distribution"],
      });
    },
  );

  it("show what each of several failed steps printed, under its name", async () => {
    const other = [
      "#8 [nginx 1/1] RUN make",
      "#8 0.1 no rule",
      '#8 ERROR: process "make" did not complete successfully: exit code: 2',
    ];
    expect(
      await build([...log("#7 0.9 no module", `#7 ERROR: ${ran}`), ...other], `failed to solve: ${ran}`),
    ).toMatchObject({
      message: "docker compose build failed at [web 2/3] RUN pip install .: exit code: 1",
      details: ["[web 2/3] RUN pip install .:", "no module", "[nginx 1/1] RUN make:", "no rule"],
    });
  });

  it("blame the program and not the network or the disk of which it speaks", async () => {
    const speaking = ran.replace("pip install .", "curl # unauthorized: dial tcp, no space left on device");
    const said = 'Get "https://pypi.example.com/": dial tcp: lookup pypi.example.com: no such host';
    expect(await build(log(`#7 0.9 ${said}`, `#7 ERROR: ${speaking}`), `failed to solve: ${speaking}`)).toMatchObject({
      code: "COMPOSE_FAILED",
      details: [said],
    });
  });

  it("name the base image that cannot be had, which is no fault of the code", async () => {
    const why =
      'failed to do request: Head "https://r.example.com/v2/b/manifests/9": dial tcp: lookup r.example.com: no such host';
    const step = ["#2 [web internal] load metadata for r.example.com/b:9", `#2 ERROR: ${why}`];
    const sentence = `failed to solve: r.example.com/b:9: failed to resolve source metadata for r.example.com/b:9: ${why}`;
    expect(await build(step, sentence)).toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      outcome: "refused",
      message:
        "r.example.com/b:9 cannot be pulled: the registry r.example.com does not answer docker: dial tcp: lookup r.example.com: no such host",
      next: ["curl -I https://r.example.com/v2/", "bin/setup"],
    });
  });

  it("tell a Dockerfile that cannot be read, a file that is not there, and a download that fails", async () => {
    const parse = "dockerfile parse error on line 2: unknown instruction: FOO";
    expect(await build([], `failed to solve: ${parse}`)).toMatchObject({
      message: `docker compose build failed: ${parse}`,
      outcome: "checks",
    });
    const missing = 'failed to calculate checksum of ref a::b: "/nope": not found';
    expect(
      await build(["#6 [web 2/2] COPY nope /", `#6 ERROR: ${missing}`], `failed to solve: ${missing}`),
    ).toMatchObject({
      message: 'docker compose build failed at [web 2/2] COPY nope /: "/nope": not found',
      details: [`failed to solve: ${missing}`],
    });
    const gone = 'Get "https://files.example.com/x.tgz": dial tcp: lookup files.example.com: no such host';
    const add = ["#6 [web 2/2] ADD https://files.example.com/x.tgz /", `#6 ERROR: ${gone}`];
    expect(await build(add, `failed to solve: ${gone}`)).toMatchObject({ code: "COMPOSE_FAILED", outcome: "checks" });
  });

  it("cut a long step between words: half of a secret could not be masked", async () => {
    const secret = "5".repeat(64);
    const step = ["#7 [web 2/3] RUN " + "word ".repeat(10) + `TOKEN=${secret} make`, `#7 ERROR: ${ran}`];
    const { message } = (await build(step, `failed to solve: ${ran}`)) as Error;
    expect(message).toContain("word …: exit code: 1");
    expect(message).not.toContain("5");
  });

  it("are not built where the daemon is gone, or docker itself was ended", async () => {
    const gone = "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?";
    expect(await build([], gone)).toMatchObject({ code: "DOCKER_DOWN" });
    expect(await build(log("#7 0.9 slow"), "", { exitCode: undefined, reason: "was ended by SIGKILL" })).toMatchObject({
      code: "COMPOSE_FAILED",
      message: "docker compose build failed (was ended by SIGKILL)",
    });
  });
});

describe("the place of a failure", () => {
  /** Of two services, one of which has its Dockerfile elsewhere. */
  async function fails(progress: readonly string[], stderr: string): Promise<unknown> {
    const root = mkdtempSync(join(tmpdir(), "threads-build-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, "docker"));
    writeFileSync(join(root, "docker/web.Dockerfile"), "FROM scratch\n\nRUN pip \\\n  install .\n");
    const build = { context: root, dockerfile: "docker/web.Dockerfile" };
    const model = { services: { web: { build }, worker: { build }, other: { build: { context: "/other" } } } };
    const processes = scriptedDocker((args, options): Reply => {
      if (args.includes("config")) return JSON.stringify(model);
      for (const line of progress) options.onLine?.(line, "stdout");
      throw failed({ file: "docker", args }, { exitCode: 17, stderr }, "exited with 17");
    });
    const stack = { name: "p", files: [join(root, "compose.yml")], envFiles: [], keys: [] };
    const error: unknown = await dockerCompose({ processes, clock: systemClock, env: {} })
      .build(stack, { app: "app", services: ["web", "worker"] }, { signal: new AbortController().signal })
      .catch((thrown: unknown) => thrown);
    return { error, file: join(root, "docker/web.Dockerfile") };
  }

  it("is the line of the step that failed", async () => {
    const said = ["#7 [web 2/2] RUN pip   install .", "#7 0.9 no such package", `#7 ERROR: ${ran}`];
    const { error, file } = (await fails(said, `failed to solve: ${ran}`)) as { error: ThreadsError; file: string };
    expect(error).toMatchObject({
      message: "docker compose build failed at docker/web.Dockerfile:3, [web 2/2] RUN pip   install .: exit code: 1",
      place: { file, line: 3 },
    });
    expect(githubAnnotation(error, dirname(dirname(file)))).toMatch(
      /^::error file=docker\/web\.Dockerfile,line=3,title=threads COMPOSE_FAILED::docker compose build failed/,
    );
    expect(githubAnnotation(error, "/elsewhere")).toMatch(/^::error title=/);
  });

  it("is the line that cannot be read", async () => {
    const parse = "dockerfile parse error on line 2: unknown instruction: FOO";
    expect(await fails([], `failed to solve: ${parse}`)).toMatchObject({
      error: { message: `docker compose build failed at docker/web.Dockerfile:2: ${parse}`, place: { line: 2 } },
    });
  });
});

import { describe, expect, it } from "vitest";
import { checkEngine } from "../../../src/lib/compose/engine.ts";
import { composeFailure } from "../../../src/lib/compose/failure.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import type { Processes } from "../../../src/lib/process/processes.ts";
import { failed, type Reply, scriptedDocker } from "./scripted-docker.ts";

const docker = (replies: { engine?: Reply; compose?: Reply }): Processes =>
  scriptedDocker((args) =>
    args[0] === "compose" ? (replies.compose ?? "2.26.1-4") : (replies.engine ?? "26.1.5+dfsg1"),
  );
const failure = (processes: Processes): Promise<ThreadsError> =>
  checkEngine(processes).then(
    () => Promise.reject(new Error("was accepted")),
    (error: unknown) => error as ThreadsError,
  );

describe("checkEngine", () => {
  it("gives both versions", async () => {
    expect(await checkEngine(docker({}))).toEqual({ engine: "26.1.5+dfsg1", compose: "2.26.1-4" });
  });

  it.each(["2.24.0", "v2.40.3", "5.5.0", "dev"])("takes Compose %s", async (compose) => {
    expect(await checkEngine(docker({ compose }))).toMatchObject({ compose });
  });

  it.each(["2.23.3", "1.29.2", "v2.9.0"])("refuses Compose %s", async (compose) => {
    expect(await failure(docker({ compose }))).toMatchObject({
      code: "OLD_COMPOSE",
      outcome: "refused",
      next: ["bin/setup"],
    });
  });

  it("says that the daemon does not answer, whatever compose says", async () => {
    const down = {
      exitCode: 1,
      stderr: "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
    };
    const error = await failure(docker({ engine: down, compose: down }));
    expect(error).toMatchObject({ code: "DOCKER_DOWN", exitCode: 3, message: "the Docker daemon does not answer" });
    expect(error.next[0]).toBe("bin/setup");
  });

  it("tells a missing right from a daemon that is down", async () => {
    const stderr =
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock";
    expect(await failure(docker({ engine: { exitCode: 1, stderr } }))).toMatchObject({ code: "DOCKER_PERMISSION" });
  });

  it("says that the daemon does not answer where its address leads nowhere", async () => {
    const stderr =
      'error during connect: Get "http://nowhere:2375/v1.50/version": dial tcp: lookup nowhere: no such host';
    expect(await failure(docker({ engine: { exitCode: 1, stderr } }))).toMatchObject({ code: "DOCKER_DOWN" });
  });

  it("says that Docker is not installed", async () => {
    const missing: Processes = {
      run: (command) =>
        Promise.reject(failed(command, { exitCode: undefined, stderr: "" }, "is not installed, or not on the PATH")),
    };
    expect(await failure(missing)).toMatchObject({ code: "NO_DOCKER", exitCode: 3 });
  });

  it("says that compose is not installed", async () => {
    const stderr = "docker: 'compose' is not a docker command.";
    expect(await failure(docker({ compose: { exitCode: 1, stderr } }))).toMatchObject({ code: "NO_COMPOSE" });
  });

  it("takes a daemon that hangs for down", async () => {
    const hangs: Processes = {
      run: (command) =>
        Promise.reject(failed(command, { exitCode: undefined, stderr: "" }, "took too long and was ended")),
    };
    expect(await failure(hangs)).toMatchObject({ code: "DOCKER_DOWN" });
  });
});

describe("composeFailure", () => {
  const command = { file: "docker", args: ["compose", "up"] };
  it.each([
    [
      "Error response from daemon: driver failed programming external connectivity on endpoint p-web-1 (1f): Bind for 127.0.0.1:8080 failed: port is already allocated",
      "PORT_TAKEN",
      "port 127.0.0.1:8080 is taken by another program",
    ],
    [
      "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use",
      "PORT_TAKEN",
      "port 0.0.0.0:80 is taken by another program",
    ],
    [
      "Error response from daemon: failed to set up container networking: failed to bind host port 0.0.0.0:8080/tcp: address already in use",
      "PORT_TAKEN",
      "port 0.0.0.0:8080 is taken by another program",
    ],
    [
      "Error response from daemon: failed to bind host port for [::1]:8080:[fd00::2]:80/tcp: address already in use",
      "PORT_TAKEN",
      "port [::1]:8080 is taken by another program",
    ],
    [
      'Error response from daemon: Get "https://r.example.com/v2/": dial tcp: lookup r.example.com: no such host',
      "IMAGE_NOT_AVAILABLE",
      "an image cannot be pulled, r.example.com does not answer: dial tcp: lookup r.example.com: no such host",
    ],
    [
      "toomanyrequests: You have reached your pull rate limit.",
      "RATE_LIMITED",
      "the registry limits how many images may be pulled; this says nothing about the code",
    ],
    [
      "Error response from daemon: pull access denied for nope, repository does not exist",
      "IMAGE_NOT_AVAILABLE",
      "an image cannot be pulled: pull access denied for nope, repository does not exist",
    ],
    ["write /x: no space left on device", "DISK_FULL", "the disk of the Docker engine is full"],
    [
      "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
      "DOCKER_DOWN",
      "the Docker daemon does not answer",
    ],
  ])("%s", (stderr, code, message) => {
    expect(composeFailure(failed(command, { exitCode: 1, stderr }), "docker compose up")).toMatchObject({
      code,
      message,
      outcome: "refused",
    });
  });

  it.each([
    "failed to bind host port for 0.0.0.0:80:172.18.0.2:80/tcp: permission denied",
    "failed to initialize logging driver: dial tcp 127.0.0.1:24224: connect: connection refused",
    "dependency failed to start: container p-unauthorized-1 is unhealthy",
  ])("does not take for the machine's fault: %s", (stderr) => {
    expect(composeFailure(failed(command, { exitCode: 1, stderr }), "docker compose up")).toMatchObject({
      code: "COMPOSE_FAILED",
      outcome: "checks",
    });
  });

  it("keeps what it does not know as a failed check, with compose's words", () => {
    expect(
      composeFailure(failed(command, { exitCode: 17, stderr: "strange\n" }), "docker compose build"),
    ).toMatchObject({
      code: "COMPOSE_FAILED",
      message: "docker compose build failed (exit code 17)",
      outcome: "checks",
      details: ["strange"],
    });
  });

  it("says when the time was up", () => {
    const late = failed(command, { exitCode: undefined, stderr: "" }, "took too long and was ended");
    expect(composeFailure(late, "docker compose run")).toMatchObject({ code: "TIMED_OUT", outcome: "checks" });
  });
});

import { describe, expect, it } from "vitest";
import { checkBuildx, checkEngine } from "../../../src/lib/docker/engine.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import type { Processes } from "../../../src/lib/process/processes.ts";
import { failed, type Reply, scriptedDocker } from "./scripted-docker.ts";

const docker = (replies: { engine?: Reply; compose?: Reply }): Processes =>
  scriptedDocker((args) =>
    args[0] === "compose" ? (replies.compose ?? "2.26.1-4") : (replies.engine ?? "26.1.5+dfsg1"),
  );
const failure = (processes: Processes): Promise<ThreadsError> =>
  checkEngine({ processes }).then(
    () => Promise.reject(new Error("was accepted")),
    (error: unknown) => error as ThreadsError,
  );

describe("checkEngine", () => {
  it("gives both versions", async () => {
    expect(await checkEngine({ processes: docker({}) })).toEqual({ engine: "26.1.5+dfsg1", compose: "2.26.1-4" });
  });

  it.each(["2.24.0", "v2.40.3", "5.5.0", "dev"])("takes Compose %s", async (compose) => {
    expect(await checkEngine({ processes: docker({ compose }) })).toMatchObject({ compose });
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

it("checkBuildx gives what buildx says of itself, and nothing where docker has no such command", async () => {
  const buildx = (reply: Reply): Promise<string | undefined> => checkBuildx({ processes: scriptedDocker(() => reply) });
  expect(await buildx("github.com/docker/buildx v0.13.1 7884339\nmore")).toBe(
    "github.com/docker/buildx v0.13.1 7884339",
  );
  expect(await buildx({ exitCode: 1, stderr: "docker: 'buildx' is not a docker command." })).toBeUndefined();
});

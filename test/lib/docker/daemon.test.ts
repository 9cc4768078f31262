import { describe, expect, it } from "vitest";
import { daemonTrouble, missingContext } from "../../../src/lib/docker/daemon.ts";
import { daemonFailure } from "../../../src/lib/docker/failure.ts";
import { CommandFailed } from "../../../src/lib/process/processes.ts";
import { unreachableRegistry } from "../../../src/lib/docker/unreachable.ts";

/** As Docker 20 to 29 and Compose 2.26 have said them. */
const lookup = "dial tcp: lookup nowhere on 192.0.2.53:53: no such host";

describe("docker's client about its daemon", () => {
  it.each([
    ["Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "silent"],
    [`error during connect: Get "http://nowhere:2375/v1.50/version": ${lookup}`, "silent"],
    [
      'error during connect: Head "http://docker.example.com/_ping": command [ssh -- nowhere docker system dial-stdio] has exited with exit status 255',
      "silent",
    ],
    [
      "failed to connect to the docker API at unix:///x; check if the path is correct and if the daemon is running: dial unix /x: connect: no such file or directory",
      "silent",
    ],
    ["ERROR: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "silent"],
    ["docker: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?.", "silent"],
    [
      `unable to get image 'web:1': error during connect: Get "http://nowhere:2375/v1.47/images/web:1/json": ${lookup}`,
      "silent",
    ],
    [
      'Failed to initialize: unable to resolve docker endpoint: context "nope": context not found: open /m/meta.json: no such file or directory',
      "silent",
    ],
    ['Current context "nope" is not found on the file system, please check your config file', "silent"],
    ["permission denied while trying to connect to the Docker daemon socket at unix:///x", "forbidden"],
    ["permission denied while trying to connect to the docker API at unix:///x", "forbidden"],
    ["Got permission denied while trying to connect to the Docker daemon socket at unix:///x", "forbidden"],
  ])("%s", (line, kind) => {
    expect(daemonTrouble(["Using default tag: latest", line])).toBe(kind);
  });

  it.each([
    'Failed to initialize: unable to resolve docker endpoint: context "nope": context not found: open /m/meta.json: no such file or directory',
    'Current context "nope" is not found on the file system, please check your config file',
  ])("names the context that there is not: %s", (line) => {
    const command = { file: "docker", args: ["version"] };
    const failure = new CommandFailed({ command, exitCode: 1, tail: [line], reason: "exited with 1" });
    expect(daemonFailure(failure)).toMatchObject({
      code: "DOCKER_CONTEXT",
      message: 'Docker has no context "nope"',
      next: ["docker context ls", "unset DOCKER_CONTEXT && docker context use default"],
    });
  });

  it("takes no other words about a context for its own", () => {
    expect(
      missingContext(['#8 0.5 Current context "nope" is not found', 'open "x": context not found']),
    ).toBeUndefined();
  });

  it.each([
    `Error response from daemon: Get "https://registry.example.com/v2/": ${lookup}`,
    `failed to solve: nope:9: failed to do request: Head "https://registry.example.com/v2/nope/manifests/9": ${lookup}`,
    // What a program in a build or a container says is not docker's word.
    "#8 0.532 Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
    'failed to solve: process "/bin/sh -c echo error during connect: x" did not complete successfully: exit code: 1',
    "Error response from daemon: error while creating mount source path '/var/run/docker.sock': permission denied",
    "Error response from daemon: No such container: no such host",
  ])("is not heard in: %s", (line) => {
    expect(daemonTrouble([line])).toBeUndefined();
  });
});

describe("a registry that does not answer", () => {
  it.each([
    [`Error response from daemon: Get "https://r.example.com/v2/": ${lookup}`, "https://r.example.com"],
    ['Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused', "http://127.0.0.1:9"],
    ['Head "https://r.example.com/v2/x/manifests/1": net/http: TLS handshake timeout', "https://r.example.com"],
    [
      'Get "https://r.example.com/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded)',
      "https://r.example.com",
    ],
    ['failed to fetch anonymous token: Get "https://auth.example.com/token?scope=x": EOF', "https://auth.example.com"],
  ])("%s", (said, origin) => {
    expect(unreachableRegistry(said)).toMatchObject({ host: new URL(origin).host, next: `curl -I ${origin}/v2/` });
  });

  it.each([
    'Get "https://r.example.com/v2/": x509: certificate signed by unknown authority',
    'Head "https://r.example.com/v2/x/manifests/1": no basic auth credentials',
    'Get "https://r.example.com/v2/": http: server gave HTTP response to HTTPS client',
    "failed to initialize logging driver: dial tcp 127.0.0.1:24224: connect: connection refused",
  ])("is another matter than: %s", (said) => {
    expect(unreachableRegistry(said)).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { pullFailure } from "../../../src/lib/docker/failure.ts";
import { dockerRun } from "../../../src/lib/docker/run.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { type CommandFailed, commandText } from "../../../src/lib/process/processes.ts";
import { failed } from "./scripted-docker.ts";

const command = { file: "docker", args: ["network", "ls"] };

interface End {
  readonly stderr: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string;
}

/** What a command that ends so is refused with. */
function refusal(end: End, explain?: (failure: CommandFailed) => ThreadsError): Promise<ThreadsError> {
  const { exitCode, stderr, reason } = { exitCode: 1, ...end };
  const processes = { run: () => Promise.reject(failed(command, { exitCode, stderr }, reason)) };
  return dockerRun(
    { processes },
    explain,
  )(command).then(
    () => Promise.reject(new Error("succeeded")),
    (error: unknown) => error as ThreadsError,
  );
}

const down = "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?";

describe("docker fails", () => {
  it.each([
    [down, "DOCKER_DOWN", "the Docker daemon does not answer"],
    [
      'error during connect: Get "http://nowhere:2375/v1.50/version": dial tcp: lookup nowhere: no such host',
      "DOCKER_DOWN",
      "the Docker daemon does not answer",
    ],
    [
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      "DOCKER_PERMISSION",
      "this user may not talk to the Docker daemon",
    ],
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
      "REGISTRY_UNREACHABLE",
      "the registry r.example.com does not answer docker: dial tcp: lookup r.example.com: no such host",
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
    [
      "Error response from daemon: Ports are not available: exposing port TCP 0.0.0.0:7000 -> 0.0.0.0:0: listen tcp 0.0.0.0:7000: bind: address already in use",
      "PORT_TAKEN",
      "port 0.0.0.0:7000 is taken by another program",
    ],
    [
      "Error response from daemon: ports are not available: exposing port TCP 0.0.0.0:4505 -> 0.0.0.0:0: listen tcp4 0.0.0.0:4505: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.",
      "PORT_TAKEN",
      "port 0.0.0.0:4505 is taken by another program",
    ],
    [
      "Error response from daemon: Ports are not available: listen tcp 0.0.0.0:80: bind: An attempt was made to access a socket in a way forbidden by its access permissions.",
      "PORT_TAKEN",
      "port 0.0.0.0:80 is taken by another program",
    ],
    [
      "Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint a-dns-1 (f8): failed to bind host port 0.0.0.0:53/udp: address already in use",
      "PORT_TAKEN",
      "port 0.0.0.0:53/udp is taken by another program",
    ],
    [
      "Error response from daemon: driver failed programming external connectivity on endpoint p (1f): Bind for :::8080 failed: port is already allocated",
      "PORT_TAKEN",
      "port :::8080 is taken by another program",
    ],
    [
      "Error response from daemon: error from registry: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
      "RATE_LIMITED",
      undefined,
    ],
    [
      "failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/a/b/manifests/sha256:7a: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.",
      "RATE_LIMITED",
      undefined,
    ],
    [
      "Error response from daemon: error from registry: denied",
      "IMAGE_NOT_AVAILABLE",
      "an image cannot be pulled: error from registry: denied",
    ],
    [
      'Error response from daemon: failed to resolve reference "docker.io/library/redis:nope": docker.io/library/redis:nope: not found',
      "IMAGE_NOT_AVAILABLE",
      undefined,
    ],
    [
      "no matching manifest for linux/arm64/v8 in the manifest list entries",
      "IMAGE_NOT_AVAILABLE",
      "an image cannot be pulled: no matching manifest for linux/arm64/v8 in the manifest list entries",
    ],
    [
      "Error response from daemon: image with reference web:1 was found but does not provide the specified platform (linux/amd64)",
      "IMAGE_NOT_AVAILABLE",
      undefined,
    ],
    [
      "failed to create network a_default: Error response from daemon: invalid pool request: Pool overlaps with other one on this address space",
      "DOCKER_FAILED",
      "a network of another stack has the subnet that the compose file gives to a_default (ipam): only one of both can be there",
    ],
    [
      "failed to create network a_default: Error response from daemon: all predefined address pools have been fully subnetted",
      "DOCKER_FAILED",
      "the Docker engine has no addresses left for one more network",
    ],
    [
      "failed to create network a_default: Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
      "DOCKER_FAILED",
      "the Docker engine has no addresses left for one more network",
    ],
    ["write /x: no space left on device", "DISK_FULL", "the disk of the Docker engine is full"],
    ["strange", "DOCKER_FAILED", `${commandText(command)}: exited`],
    ["failed to bind host port for 0.0.0.0:80:172.18.0.2:80/tcp: permission denied", "DOCKER_FAILED", undefined],
    ["failed to initialize logging driver: dial tcp 127.0.0.1:24224: connect: refused", "DOCKER_FAILED", undefined],
  ])("%s", async (stderr, code, message = expect.any(String) as string) => {
    const error = await refusal({ stderr: `${stderr}\n` });
    expect(error).toMatchObject({ code, message, outcome: "refused", details: [stderr] });
    expect(error.next).not.toEqual([]);
  });

  it("as a program that is not installed", async () => {
    const missing = { exitCode: undefined, stderr: "", reason: "is not installed, or not on the PATH" };
    expect(await refusal(missing)).toMatchObject({ code: "NO_DOCKER", exitCode: 3, next: ["bin/setup"] });
  });

  it.each(["was ended by SIGKILL", "could not be started (EACCES)"])(
    "as a program that %s, which is not to say that there is none",
    async (reason) => {
      expect(await refusal({ exitCode: undefined, stderr: "", reason })).toMatchObject({ code: "DOCKER_FAILED" });
    },
  );

  it("for a reason of its own first, whatever the command was for", async () => {
    const never = (): never => {
      throw new Error("was asked");
    };
    expect(await refusal({ stderr: down }, never)).toMatchObject({ code: "DOCKER_DOWN" });
  });
});

describe("a pull fails", () => {
  const pull = (stderr: string): Promise<ThreadsError> =>
    refusal({ stderr }, (failure) => pullFailure(failure, "redis:7", ["bin/setup", "threads sandbox up"]));

  it("for a reason that nobody knows", async () => {
    expect(await pull("strange")).toMatchObject({
      code: "IMAGE_NOT_AVAILABLE",
      message: "redis:7 cannot be pulled",
      next: ["docker pull redis:7", "bin/setup", "threads sandbox up"],
    });
  });

  it("for want of a registry: what else makes the image comes next, once", async () => {
    expect(await pull('Get "https://r.example.com/v2/": dial tcp 192.0.2.1:443: i/o timeout')).toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      next: ["curl -I https://r.example.com/v2/", "bin/setup", "threads sandbox up"],
    });
  });
});

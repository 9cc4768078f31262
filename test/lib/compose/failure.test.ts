import { describe, expect, it } from "vitest";
import { composeFailure, containerFailure, fileFailure, notReady } from "../../../src/lib/compose/failure.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { failed } from "../docker/scripted-docker.ts";

const command = { file: "docker", args: ["compose", "up"] };
const failure = (stderr: string, exitCode = 1): ThreadsError =>
  composeFailure(failed(command, { exitCode, stderr }), "docker compose up");

describe("a compose file that compose cannot read", () => {
  it.each([
    ['unsupported env_file format "raw"', /takes Docker Compose 2\.30 or newer/],
    [
      "validating /p/compose.yml: services.web additional properties 'models' not allowed",
      /^correct .* newer Docker Compose/,
    ],
    ["services.web Additional property post_start is not allowed", /^correct .* newer Docker Compose/],
    ["invalid spec: ${FIX:-./fixtures}:/f:ro: too many colons", /^write this volume in its long form/],
    ["invalid spec: a:b:c:d: too many colons", /^correct the compose file, then run this again$/],
    ["services.web.image must be a string", /^correct the compose file, then run this again$/],
  ])("may be right for a newer one: %s", (stderr, advice) => {
    expect(fileFailure(failed(command, { exitCode: 15, stderr })).advice).toEqual([expect.stringMatching(advice)]);
  });
});

describe("compose ends badly", () => {
  it("for a reason that lies with the machine: nothing was tested", () => {
    const taken = "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use";
    expect(failure(taken)).toMatchObject({ code: "PORT_TAKEN", outcome: "refused" });
  });

  it.each([
    "failed to bind host port for 0.0.0.0:80:172.18.0.2:80/tcp: permission denied",
    "failed to initialize logging driver: dial tcp 127.0.0.1:24224: connect: connection refused",
    "dependency failed to start: container p-unauthorized-1 is unhealthy",
  ])("but not for one of the machine's where it says: %s", (stderr) => {
    expect(failure(stderr)).toMatchObject({ code: "COMPOSE_FAILED", outcome: "checks" });
  });

  it("for a reason that nobody knows: a failed check, with compose's words", () => {
    expect(failure("strange\n", 17)).toMatchObject({
      code: "COMPOSE_FAILED",
      message: "docker compose up failed (exit code 17)",
      outcome: "checks",
      details: ["strange"],
    });
  });

  it("when its time is up", () => {
    const late = failed(command, { exitCode: undefined, stderr: "" }, "took too long and was ended");
    expect(composeFailure(late, "docker compose run")).toMatchObject({ code: "TIMED_OUT", outcome: "checks" });
  });
});

it("a container that the engine could not start for want of the machine is no failed check", () => {
  const container = { service: "web", error: "mkdir /x: no space left on device", healthLog: [] };
  const reason = "could not start";
  const how = { container: container as never, reason, log: [] };
  expect(containerFailure(how)).toMatchObject({ code: "DISK_FULL", outcome: "refused", details: [container.error] });
});

it("a health check that cannot run is told instead of the log of what it looks at", () => {
  const healthLog = ["exit 127: /bin/sh: 1: curl: not found"];
  const container = { service: "web", error: "", healthLog } as never;
  const advice = expect.stringContaining("curl is not in the image") as string;
  expect(containerFailure({ container, reason: "is unhealthy", log: [] }).advice).toEqual([advice]);
  const late = { waitingFor: [{ service: "web", state: "starting", container }], timeoutMs: 1000, log: [] };
  expect(notReady(late).advice[0]).toEqual(advice);
});

it("what is unhealthy for its own reasons is told what gives it more time, and a late one why each look comes late", () => {
  const healthCheck = { intervalMs: 10_000, retries: 3, startPeriodMs: 0, startIntervalMs: 250 };
  const container = { service: "web", error: "", health: "unhealthy", healthCheck, healthLog: ["exit 1: no"] } as never;
  expect(containerFailure({ container, reason: "is unhealthy", log: [] }).advice).toEqual([
    "look at the log of web above",
    expect.stringContaining("raise start_period"),
  ]);
  const late = { waitingFor: [{ service: "web", state: "starting", container }], timeoutMs: 1000, log: [] };
  expect(notReady(late).advice).toContainEqual(expect.stringContaining("docker ignores start_interval"));
});

import { describe, expect, it } from "vitest";
import type { Container } from "../../../src/lib/compose/containers.ts";
import { judge, whatChanged } from "../../../src/lib/compose/verdict.ts";

const container = (service: string, changes: Partial<Container> = {}): Container => ({
  id: service,
  name: `p-${service}-1`,
  service,
  image: "i",
  imageId: "sha256:1",
  status: "running",
  health: "healthy",
  exitCode: 0,
  oomKilled: false,
  restarts: 0,
  error: "",
  startedAt: "2026-11-22T10:00:00Z",
  finishedAt: "0001-01-01T00:00:00Z",
  healthCheck: undefined,
  healthLog: [],
  ports: {},
  onHostNetwork: false,
  ...changes,
});
const expected = { services: { web: 1, migrate: 1 }, oneShot: ["migrate"], mayEnd: [] };
const migrated = container("migrate", { status: "exited", health: "none", finishedAt: "2026-11-22T10:00:05Z" });

describe("judge", () => {
  it("is ready when all are healthy and one-shots have ended with 0", () => {
    expect(judge([container("web"), migrated], expected)).toEqual({ kind: "ready" });
  });

  it("takes a running container without a health check for well", () => {
    expect(judge([container("web", { health: "none" }), migrated], expected).kind).toBe("ready");
  });

  it.each<[string, Container[], string[]]>([
    ["a service that is not there", [migrated], ["web: not created"]],
    ["a health check that has not spoken", [container("web", { health: "starting" }), migrated], ["web: starting"]],
    ["a container not started", [container("web", { status: "created", health: "none" }), migrated], ["web: created"]],
    ["a one-shot that still runs", [container("web"), container("migrate", { health: "none" })], ["migrate: running"]],
    [
      "one replica of two",
      [container("web"), container("web", { id: "2", health: "starting" }), migrated],
      ["web: starting"],
    ],
  ])("waits for %s", (_name, containers, states) => {
    const verdict = judge(containers, expected);
    expect(
      verdict.kind === "waiting" && verdict.waitingFor.map(({ service, state }) => `${service}: ${state}`),
    ).toEqual(states);
  });

  it.each<[Partial<Container>, string]>([
    [{ health: "unhealthy" }, "is unhealthy"],
    [{ status: "exited", exitCode: 3 }, "ended with exit code 3"],
    [{ status: "exited", exitCode: 0 }, "ended with exit code 0"],
    [{ status: "exited", exitCode: 137, oomKilled: true }, "ran out of memory (exit code 137)"],
    [{ status: "dead", exitCode: 1 }, "is dead (exit code 1)"],
    [{ status: "created", error: "exec format error" }, "could not start: exec format error"],
    [{ status: "restarting", restarts: 0, exitCode: 1 }, "keeps ending (restarted, last exit code 1)"],
    [{ restarts: 1, exitCode: 0 }, "keeps ending (restarted)"],
    [{ restarts: 1, exitCode: 2 }, "keeps ending (restarted, last exit code 2)"],
    [{ restarts: 4, exitCode: 2, health: "healthy" }, "keeps ending (restarted 4 times, last exit code 2)"],
  ])("fails on %o", (changes, reason) => {
    expect(judge([container("web", changes), migrated], expected)).toMatchObject({ kind: "failed", reason });
  });

  it("fails on a one-shot that did not end with 0", () => {
    const migrate = container("migrate", { status: "exited", exitCode: 1 });
    expect(judge([container("web"), migrate], expected)).toMatchObject({ reason: "ended with exit code 1" });
  });

  it("takes what may end for well, running or ended with 0, and not with anything else", () => {
    const job = { services: { job: 1 }, oneShot: [], mayEnd: ["job"] };
    const ended = (exitCode: number): Container => container("job", { status: "exited", health: "none", exitCode });
    expect(judge([container("job")], job)).toEqual({ kind: "ready" });
    expect(judge([ended(0)], job)).toEqual({ kind: "ready" });
    expect(judge([ended(2)], job)).toMatchObject({ kind: "failed", reason: "ended with exit code 2" });
  });

  it("wants as many containers as the file does, and none of what it switches off", () => {
    const two = { services: { web: 2 }, oneShot: [], mayEnd: [] };
    expect(judge([container("web")], two)).toMatchObject({ waitingFor: [{ state: "1 of 2 created" }] });
    expect(judge([container("web"), container("web", { id: "2" })], two)).toEqual({ kind: "ready" });
  });

  it("names the one that ended first: the others may only have suffered from it", () => {
    const verdict = judge(
      [
        container("web", { health: "unhealthy" }),
        container("worker", { status: "exited", exitCode: 1, finishedAt: "2026-11-22T10:00:09Z" }),
        container("db", { status: "exited", exitCode: 2, finishedAt: "2026-11-22T10:00:03Z" }),
      ],
      { services: { web: 1, worker: 1, db: 1 }, oneShot: [], mayEnd: [] },
    );
    expect(verdict).toMatchObject({ kind: "failed", container: { service: "db" } });
  });
});

describe("whatChanged", () => {
  const before = [container("web"), container("worker")];
  it("says nothing where all is as it was", () => {
    expect(whatChanged(before, before)).toBeUndefined();
  });
  it.each<[Container[], string]>([
    [[container("web")], "disappeared while it was checked"],
    [
      [container("web"), container("worker", { restarts: 1, exitCode: 9 })],
      "was restarted while it was checked (last exit code 9)",
    ],
    [
      [container("web"), container("worker", { startedAt: "2026-11-22T10:01:00Z" })],
      "was restarted while it was checked",
    ],
  ])("%#", (after, reason) => {
    expect(whatChanged(before, after)).toMatchObject({ reason, container: { service: "worker" } });
  });
});

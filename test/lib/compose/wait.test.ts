import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import type { Container } from "../../../src/lib/compose/containers.ts";
import { startAndWait } from "../../../src/lib/compose/wait.ts";
import type { RunOptions } from "../../../src/lib/process/processes.ts";
import { type Reply, scriptedDocker, untilAborted } from "./scripted-docker.ts";

interface State {
  status: Container["status"];
  health?: Container["health"];
  exitCode?: number;
}

/** An engine with one web container whose state the test changes, telling it by an event. */
function engine(first: State, up: (options: RunOptions) => Reply | Promise<Reply> = () => "") {
  let state = first;
  let tell = (_line: string): void => undefined;
  const docker = scriptedDocker((args, options) => {
    if (args[0] === "events") {
      tell = (line) => options.onLine?.(line, "stdout");
      return untilAborted(options);
    }
    if (args[0] === "compose") return up(options);
    if (args.join(" ").startsWith("container ls")) return "id1";
    if (args[0] === "logs") {
      options.onLine?.("last words", "stderr");
      return "";
    }
    return JSON.stringify([inspected(state)]);
  });
  return {
    docker,
    change: (next: State, action: string): void => {
      state = next;
      tell(JSON.stringify({ Action: action, Actor: { Attributes: { exitCode: String(next.exitCode ?? 0) } } }));
    },
  };
}

function inspected({ status, health, exitCode = 0 }: State): unknown {
  const Health = health === undefined ? null : { Status: health, Log: [{ ExitCode: 1, Output: "refused\n" }] };
  return {
    Id: "id1",
    Name: "/p-web-1",
    Image: "sha256:1",
    RestartCount: 0,
    Config: { Image: "i", Labels: { "com.docker.compose.service": "web" } },
    State: { Status: status, ExitCode: exitCode, OOMKilled: false, Error: "", StartedAt: "s", FinishedAt: "f", Health },
    NetworkSettings: { Ports: {} },
  };
}

const start = (docker: ReturnType<typeof engine>["docker"], more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  startAndWait(
    {
      project: { name: "p", files: ["/f"], envFiles: [] },
      expected: { services: ["web"], oneShot: [] },
      env: { COMPOSE_FILE: undefined },
      timeoutMs: more.timeoutMs ?? 20_000,
    },
    { processes: docker, clock: systemClock, signal: more.signal ?? new AbortController().signal },
  );
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

describe("startAndWait", () => {
  it("looks once where everything is well when compose is done", async () => {
    const { docker } = engine({ status: "running", health: "healthy" });
    expect(await start(docker)).toMatchObject([{ service: "web", health: "healthy" }]);
    expect(docker.asked.filter((words) => words.startsWith("container inspect"))).toHaveLength(1);
  });

  it("does not take compose's word: it waits for health, and an event wakes it at once", async () => {
    const { docker, change } = engine({ status: "running", health: "starting" });
    const began = Date.now();
    const ready = start(docker);
    await later();
    change({ status: "running", health: "healthy" }, "health_status: healthy");
    expect(await ready).toMatchObject([{ health: "healthy" }]);
    // Well before the look that is taken every two seconds without an event.
    expect(Date.now() - began).toBeLessThan(1_500);
  });

  it("fails while compose still waits, as soon as a container dies, and ends compose", async () => {
    let ended = false;
    const { docker, change } = engine({ status: "running", health: "starting" }, (options) =>
      untilAborted(options).finally(() => (ended = true)),
    );
    const ready = start(docker).catch((error: unknown) => error);
    await later();
    change({ status: "exited", exitCode: 3 }, "die");
    expect(await ready).toMatchObject({
      code: "SERVICE_FAILED",
      outcome: "checks",
      message: "web ended with exit code 3",
      details: ["web | last words"],
    });
    expect(ended).toBe(true);
  });

  it("tells an unhealthy container with what its health check said", async () => {
    const { docker } = engine({ status: "running", health: "unhealthy" });
    await expect(start(docker)).rejects.toMatchObject({
      message: "web is unhealthy",
      details: ["web health check: exit 1: refused", "web | last words"],
    });
  });

  it("prefers the container's story to compose's when compose fails", async () => {
    const { docker } = engine({ status: "exited", exitCode: 1 }, () => ({
      exitCode: 1,
      stderr: "dependency failed to start",
    }));
    await expect(start(docker)).rejects.toMatchObject({ code: "SERVICE_FAILED" });
  });

  it("tells compose's story when no container has one", async () => {
    const { docker } = engine({ status: "created" }, () => ({
      exitCode: 1,
      stderr: "Bind for 0.0.0.0:80 failed: port is already allocated",
    }));
    await expect(start(docker)).rejects.toMatchObject({ code: "PORT_TAKEN", outcome: "refused" });
  });

  it("gives up when the time is up, and says who was late", async () => {
    const { docker } = engine({ status: "running", health: "starting" });
    await expect(start(docker, { timeoutMs: 100 })).rejects.toMatchObject({
      code: "NOT_HEALTHY",
      message: "after 0 s these services are still not ready: web (starting)",
    });
  });

  it("gives up when compose itself hangs", async () => {
    const { docker } = engine({ status: "created" }, untilAborted);
    await expect(start(docker, { timeoutMs: 100 })).rejects.toMatchObject({ code: "NOT_HEALTHY" });
  });

  it("lets a container without health check run for three seconds before it counts", async () => {
    const { docker, change } = engine({ status: "running" });
    const ready = start(docker).catch((error: unknown) => error);
    await later();
    change({ status: "exited", exitCode: 9 }, "die");
    expect(await ready).toMatchObject({ message: "web ended with exit code 9" });
  });

  it("ends with the signal's reason, with nothing left running", async () => {
    const stop = new AbortController();
    const { docker } = engine({ status: "created" }, untilAborted);
    const ready = start(docker, { signal: stop.signal });
    await later();
    stop.abort(new Error("interrupted"));
    await expect(ready).rejects.toThrow("interrupted");
  });
});

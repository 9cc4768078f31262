import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import type { Container } from "../../../src/lib/compose/containers.ts";
import { startAndWait } from "../../../src/lib/compose/wait.ts";
import type { RunOptions } from "../../../src/lib/process/processes.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { type Reply, scriptedDocker, untilAborted } from "../docker/scripted-docker.ts";

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
    if (args[0] === "ps") return "shop-web-1|shop";
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

/** On this clock nothing ever happens by itself: what goes on was woken. */
const stopped: Clock = {
  now: () => 0,
  sleep: (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};
type Docker = ReturnType<typeof engine>["docker"];
const start = (
  docker: Docker,
  more: { timeoutMs?: number; signal?: AbortSignal; clock?: Clock; tell?: (line: string) => void } = {},
) =>
  startAndWait(
    {
      project: { name: "p", files: ["/f"], envFiles: [] },
      expected: { services: { web: 1 }, oneShot: [], mayEnd: [] },
      env: { COMPOSE_FILE: undefined },
      timeoutMs: more.timeoutMs ?? 20_000,
      ...(more.tell === undefined ? {} : { onLine: more.tell, onWaiting: more.tell }),
    },
    { processes: docker, clock: more.clock ?? hurriedClock(), signal: more.signal ?? new AbortController().signal },
  );
/** Until docker was asked something that begins so. */
const asked = (docker: Docker, words: string): Promise<void> =>
  expect.poll(() => docker.asked).toContainEqual(expect.stringMatching(new RegExp(`^${words}`)));

describe("startAndWait", () => {
  it("looks once where everything is well when compose is done", async () => {
    const { docker } = engine({ status: "running", health: "healthy" });
    expect(await start(docker)).toMatchObject([{ service: "web", health: "healthy" }]);
    expect(docker.asked.filter((words) => words.startsWith("container inspect"))).toHaveLength(1);
  });

  it("does not take compose's word: it waits for health, and an event wakes it at once", async () => {
    const { docker, change } = engine({ status: "running", health: "starting" });
    const ready = start(docker, { clock: stopped });
    await asked(docker, "container inspect");
    change({ status: "running", health: "healthy" }, "health_status: healthy");
    expect(await ready).toMatchObject([{ health: "healthy" }]);
  });

  it("tells what is waited for while compose says nothing more, and not compose's last news for ever", async () => {
    const told: string[] = [];
    let end = (): void => undefined;
    const { docker, change } = engine({ status: "running", health: "starting" }, (options) => {
      options.onLine?.("Container p-migrate-1 Exited", "stderr");
      return new Promise((resolve) => (end = () => resolve("")));
    });
    const { clock, tick } = manualClock();
    const ready = start(docker, { clock, tell: (line) => told.push(line) });
    await asked(docker, "events");
    for (let round = 0; round < 2; round += 1) await tick(2_000);
    await expect.poll(() => told).toEqual(["Container p-migrate-1 Exited", "waiting for web (starting)"]);
    // Each has its own time in its own state, whatever the whole has taken.
    for (let round = 0; round < 2; round += 1) await tick(2_000);
    await expect.poll(() => told.at(-1)).toBe("waiting for web (starting, 4 s)");
    change({ status: "created", health: "starting" }, "create");
    for (let round = 0; round < 2; round += 1) await tick(2_000);
    await expect.poll(() => told.at(-1)).toBe("waiting for web (created)");
    change({ status: "running", health: "healthy" }, "health_status: healthy");
    end();
    await expect(ready).resolves.toHaveLength(1);
  });

  it("fails while compose still waits, as soon as a container dies, and ends compose", async () => {
    let ended = false;
    const { docker, change } = engine({ status: "running", health: "starting" }, (options) =>
      untilAborted(options).finally(() => (ended = true)),
    );
    const ready = start(docker, { clock: stopped }).catch((error: unknown) => error);
    await asked(docker, "events");
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
    await expect(start(docker)).rejects.toMatchObject({
      code: "PORT_TAKEN",
      outcome: "refused",
      message: "port 0.0.0.0:80 is taken by the container shop-web-1 of the compose project shop",
    });
  });

  it("says that the daemon went away meanwhile", async () => {
    const stderr = "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?";
    const gone = scriptedDocker((args, options) =>
      args[0] === "events" ? untilAborted(options) : { exitCode: 1, stderr },
    );
    await expect(start(gone)).rejects.toMatchObject({ code: "DOCKER_DOWN", outcome: "refused" });
  });

  it("gives up when the time is up, and says who was late", async () => {
    const { docker } = engine({ status: "running", health: "starting" });
    await expect(start(docker, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: "NOT_HEALTHY",
      message: expect.stringMatching(/60 s .*web \(starting\)$/),
    });
  });

  it("gives up when compose itself hangs", async () => {
    const { docker } = engine({ status: "created" }, untilAborted);
    await expect(start(docker, { timeoutMs: 100 })).rejects.toMatchObject({ code: "NOT_HEALTHY" });
  });

  it("lets a container without health check run for three seconds before it counts", async () => {
    const { docker, change } = engine({ status: "running" });
    const ready = start(docker, { clock: stopped }).catch((error: unknown) => error);
    await asked(docker, "container inspect");
    change({ status: "exited", exitCode: 9 }, "die");
    expect(await ready).toMatchObject({ message: "web ended with exit code 9" });
    const clock = hurriedClock();
    const began = clock.now();
    expect(await start(engine({ status: "running" }).docker, { clock })).toMatchObject([{ service: "web" }]);
    expect(clock.now() - began).toBeGreaterThanOrEqual(3_000);
  });

  it("ends with the signal's reason, with nothing left running", async () => {
    const stop = new AbortController();
    const { docker } = engine({ status: "created" }, untilAborted);
    const ready = start(docker, { signal: stop.signal, clock: stopped });
    await asked(docker, "compose");
    stop.abort(new Error("interrupted"));
    await expect(ready).rejects.toThrow("interrupted");
  });
});

import { get } from "node:http";
import type { Clock } from "../clock/clock.ts";
import { until } from "../clock/until.ts";
import type { Processes } from "../process/processes.ts";
import { containersOf, notReady } from "./engine.ts";
import type { SandboxState } from "./state.ts";

/** Whether the sandbox's endpoint answers 200 on its health path within `timeoutMs`. */
export function isHealthy(port: number, timeoutMs = 2_000): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { host: "127.0.0.1", port, path: "/_sandbox/health", agent: false, timeout: timeoutMs },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}

interface HealthPorts {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const endpointTimeoutMs = 60_000;
const lookEveryMs = 1_000;

/**
 * Waits until the endpoint answers; a container that has died is noticed within a second.
 * @throws ThreadsError refused, with the log of the container that is to blame
 */
export async function endpointReady(state: SandboxState, names: readonly string[], ports: HealthPorts): Promise<void> {
  let lookedAt = ports.clock.now();
  const dead = async (): Promise<string | undefined> => {
    if (ports.clock.now() - lookedAt < lookEveryMs) return undefined;
    lookedAt = ports.clock.now();
    const running = new Set(
      (await containersOf(state.id, ports.processes)).filter((c) => c.state === "running").map((c) => c.name),
    );
    return names.find((name) => !running.has(name));
  };
  const found = await until(async () => ((await isHealthy(state.port)) ? "healthy" : await dead()), {
    clock: ports.clock,
    timeoutMs: endpointTimeoutMs,
    pauseMs: 30,
    maxPauseMs: 200,
    signal: ports.signal,
  });
  if (found === "healthy") return;
  const [server = ""] = names;
  if (found !== undefined) throw await notReady(found, `${found} has stopped`, ports.processes);
  throw await notReady(
    server,
    `the endpoint on port ${state.port} did not become healthy in ${endpointTimeoutMs / 1000} s`,
    ports.processes,
  );
}

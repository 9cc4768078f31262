import { containerLogs, inspectContainers } from "../docker/commands.ts";
import type { Processes } from "../process/processes.ts";
import { listOf } from "./commands.ts";
import { type Container, parseContainers } from "./containers.ts";

const logLines = 25;

interface LookPorts {
  readonly processes: Processes;
  readonly signal: AbortSignal;
}

/** Everything of a project that exists, in two processes however many there are. */
export async function containersOf(project: string, ports: LookPorts): Promise<Container[]> {
  const { processes, signal } = ports;
  const listed = await processes.run(listOf("container", project), { signal });
  const ids = listed.stdout.split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  // One that vanishes between the two calls makes inspect fail, yet the others are printed.
  const inspected = await processes.run(inspectContainers(ids), { signal, allowFailure: true });
  return parseContainers(inspected.stdout);
}

/** The last lines of a container's own output, both streams. Never fails: it is only there to explain a failure. */
export async function logOf(id: string, ports: Pick<LookPorts, "processes">, lines = logLines): Promise<string[]> {
  const seen: string[] = [];
  await ports.processes
    .run(containerLogs(id, lines), { onLine: (line) => seen.push(line), allowFailure: true, timeoutMs: 10_000 })
    .catch(() => undefined);
  return seen.slice(-lines);
}

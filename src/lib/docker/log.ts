import type { Processes } from "../process/processes.ts";
import { containerLogs } from "./commands.ts";

const logLines = 25;
const logMs = 10_000;

/** The last lines of a container's own output, both streams. Never fails: it is only there to explain a failure. */
export async function logOf(container: string, processes: Processes, lines = logLines): Promise<string[]> {
  const seen: string[] = [];
  const onLine = (line: string): unknown => seen.push(line);
  await processes
    .run(containerLogs(container, lines), { onLine, allowFailure: true, timeoutMs: logMs })
    .catch(() => undefined);
  return seen.slice(-lines);
}

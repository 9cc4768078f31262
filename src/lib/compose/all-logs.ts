import type { CommandLine, Processes, RunOptions } from "../process/processes.ts";

const allMs = 20_000;

/** What `docker compose logs` prints, by container: one process tree for all of them. Never fails: it is only put on record. */
export async function allLogs(
  command: CommandLine,
  options: Pick<RunOptions, "env" | "cwd">,
  processes: Processes,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const logs = new Map<string, string[]>();
  const onLine = (line: string): void => {
    const [, name, text = ""] = /^([\w.-]+) *\| ?(.*)$/s.exec(line) ?? [];
    if (name === undefined) return;
    const said = logs.get(name) ?? [];
    said.push(text);
    logs.set(name, said);
  };
  await processes.run(command, { ...options, onLine, allowFailure: true, timeoutMs: allMs }).catch(() => undefined);
  return logs;
}

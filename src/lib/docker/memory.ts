import { get } from "node:http";
import type { Processes } from "../process/processes.ts";
import { containerMemory } from "./commands.ts";

interface MeasureOptions {
  /** Names of running containers. */
  readonly names: readonly string[];
  /** The engine's socket; milliseconds there, where `docker stats` takes two seconds. */
  readonly socket: string;
}

/** Bytes of memory by container, without the page cache that the kernel could drop. Those that cannot be asked are absent. */
export async function measureMemory(
  { names, socket }: MeasureOptions,
  processes: Processes,
): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const asked = await Promise.all(names.map(async (name) => [name, await askEngine(socket, name)] as const));
  const known = asked.flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes] as const]));
  if (known.length > 0) return new Map(known);
  // The engine may be elsewhere (a context, Docker Desktop's own socket): the CLI knows where.
  const { exitCode, stdout } = await processes.run(containerMemory(names), { allowFailure: true });
  return exitCode === 0 ? parseMemory(stdout) : new Map();
}

interface Stats {
  readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> };
}

const askTimeoutMs = 5_000;

function askEngine(socketPath: string, name: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const path = `/containers/${name}/stats?stream=false&one-shot=true`;
    const request = get({ socketPath, path, timeout: askTimeoutMs, headers: { host: "docker" } }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve(response.statusCode === 200 ? memoryIn(body) : undefined));
      response.on("error", () => resolve(undefined));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

/** As `docker stats` reckons: usage without inactive file pages (`total_…` in cgroup v1, without the prefix in v2). */
export function memoryIn(body: string): number | undefined {
  const { usage, stats = {} } = (JSON.parse(body) as Stats).memory_stats ?? {};
  if (usage === undefined) return undefined;
  return Math.max(0, usage - (stats["total_inactive_file"] ?? stats["inactive_file"] ?? 0));
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/** `name<TAB>23.4MiB / 7.6GiB` lines of `docker stats` as bytes by name. */
export function parseMemory(text: string): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, amount, unit] = /^(\S+)\t([\d.]+)([A-Za-z]+) \//.exec(line) ?? [];
    const factor = units[unit ?? ""];
    if (name !== undefined && factor !== undefined) bytes.set(name, Math.round(Number(amount) * factor));
  }
  return bytes;
}

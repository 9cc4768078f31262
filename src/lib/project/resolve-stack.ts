import { existsSync, readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { docker, openConfig } from "../docker/commands.ts";
import type { Processes } from "../process/processes.ts";
import { type ComposeFile, type ComposeService, readComposeFile, readModel } from "./compose-file.ts";
import { servicesOf } from "./merge.ts";

/** Several compose files as one stack, as compose itself resolves them, or as they are written where there is no compose. */
export interface ResolvedStack {
  readonly services: readonly ResolvedService[];
  readonly external: readonly string[];
  /** Why it cannot be used; each with its file and line where that is known. */
  readonly faults: readonly string[];
  /** Folder of the first file: where relative paths start. */
  readonly folder: string;
}

export interface ResolvedService extends ComposeService {
  /** `compose.yaml:7`; the first file where it comes from another one that is included. */
  readonly place: string;
}

interface ResolvePorts {
  readonly processes: Processes;
  readonly signal: AbortSignal;
}

/** Resolves a stack, variables left open; nothing is started and no engine is asked. @param files absolute paths */
export async function resolveStack(
  files: readonly string[],
  root: string,
  ports: ResolvePorts,
): Promise<ResolvedStack> {
  const [first = root] = files;
  const folder = dirname(first);
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) {
    const faults = missing.map((file) => `${relative(root, file)} does not exist`);
    return { services: [], external: [], faults, folder };
  }
  const written = files.map((file) => readComposeFile(relative(root, file), readFileSync(file, "utf8")));
  const faults = written.flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) return { services: [], external: [], faults, folder };
  const placed = (services: readonly ComposeService[]): ResolvedService[] =>
    services.map((service) => ({ ...service, place: placeOf(service.name, written) }));
  const asked = await askCompose(files, ports);
  if (asked === undefined) {
    const external = written.flatMap((file) => file.external);
    return { services: placed(servicesOf(written)), external, faults: [], folder };
  }
  return { services: placed(asked.services), external: asked.external, faults: asked.faults, folder };
}

function placeOf(name: string, files: readonly ComposeFile[]): string {
  const file = files.findLast(({ services }) => services.some((service) => service.name === name)) ?? files[0];
  const line = file?.services.find((service) => service.name === name)?.line;
  return line === undefined ? (file?.path ?? "") : `${file?.path}:${line}`;
}

/** @returns undefined where there is no docker, or none that knows compose */
async function askCompose(
  files: readonly string[],
  { processes, signal }: ResolvePorts,
): Promise<(Pick<ResolvedStack, "external" | "faults"> & { services: readonly ComposeService[] }) | undefined> {
  const named = files.flatMap((file) => ["-f", file]);
  const command = docker("compose", ...named, ...openConfig);
  const asked = await processes.run(command, { signal, allowFailure: true }).catch(() => {
    signal.throwIfAborted();
    return undefined;
  });
  if (asked === undefined || /unknown (?:shorthand )?(?:flag|command)|is not a docker command/.test(asked.stderr))
    return undefined;
  if (asked.exitCode !== 0) return { services: [], external: [], faults: saidBy(asked.stderr) };
  const model = parsed(asked.stdout);
  return model === undefined ? undefined : { ...readModel(model, () => 1), faults: [] };
}

function saidBy(stderr: string): string[] {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !/level=warning/.test(line));
  return lines.length === 0 ? ["compose does not read it"] : lines;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

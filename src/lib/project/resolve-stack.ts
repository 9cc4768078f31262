import { existsSync, readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { linesOf } from "../docker/failure.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed } from "../process/processes.ts";
import { type ComposeFile, type ComposeService, readComposeFile, readModel } from "./compose-file.ts";
import { servicesOf } from "./merge.ts";

/** Several compose files as one stack, as compose itself resolves them, or as they are written where there is no compose. */
export interface ResolvedStack<Model = unknown> {
  readonly services: readonly ResolvedService[];
  readonly external: readonly string[];
  /** Why it cannot be used; each with its file and line where that is known. */
  readonly faults: readonly string[];
  /** Folder of the first file: where relative paths start. */
  readonly folder: string;
  /** What compose says, all of it; undefined where it is not there, or refuses the files. */
  readonly model: Model | undefined;
}

export interface ResolvedService extends ComposeService {
  /** `compose.yaml:7`; the first file where it comes from another one that is included. */
  readonly place: string;
}

/** @param files absolute paths */
export interface ResolvePorts<Model> {
  readonly openModel: (files: readonly string[]) => Promise<Model>;
  readonly signal: AbortSignal;
}

/** Resolves a stack, variables left open; nothing is started and no engine is asked. @param files absolute paths */
export async function resolveStack<Model extends Readonly<Record<string, unknown>>>(
  files: readonly string[],
  root: string,
  ports: ResolvePorts<Model>,
): Promise<ResolvedStack<Model>> {
  const [first = root] = files;
  const unread = { services: [], external: [], faults: [], folder: dirname(first), model: undefined };
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) return { ...unread, faults: missing.map((file) => `${relative(root, file)} does not exist`) };
  const written = files.map((file) => readComposeFile(relative(root, file), readFileSync(file, "utf8")));
  const faults = written.flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) return { ...unread, faults };
  const placed = (services: readonly ComposeService[]): ResolvedService[] =>
    services.map((service) => ({ ...service, place: placeOf(service.name, written) }));
  const asked = await askCompose(files, ports);
  if (asked === undefined) {
    const external = written.flatMap((file) => file.external);
    return { ...unread, services: placed(servicesOf(written)), external };
  }
  if ("refused" in asked) return { ...unread, faults: asked.refused };
  const { services, external } = readModel(asked.model, () => 1);
  return { ...unread, services: placed(services), external, model: asked.model };
}

function placeOf(name: string, files: readonly ComposeFile[]): string {
  const file = files.findLast(({ services }) => services.some((service) => service.name === name)) ?? files[0];
  const line = file?.services.find((service) => service.name === name)?.line;
  return line === undefined ? (file?.path ?? "") : `${file?.path}:${line}`;
}

/** @returns undefined where there is no docker, or none that knows compose */
async function askCompose<Model>(
  files: readonly string[],
  { openModel, signal }: ResolvePorts<Model>,
): Promise<{ readonly model: Model } | { readonly refused: readonly string[] } | undefined> {
  try {
    return { model: await openModel(files) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ThreadsError) || error.code !== "COMPOSE_FILE") return undefined;
    const said = error.cause instanceof CommandFailed ? linesOf(error.cause) : [error.message];
    if (/unknown (?:shorthand )?(?:flag|command)|is not a docker command/.test(said.join("\n"))) return undefined;
    const words = said.filter((line) => !/level=warning/.test(line));
    return { refused: words.length > 0 ? words : ["compose does not read it"] };
  }
}

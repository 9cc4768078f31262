import { existsSync } from "node:fs";
import { dirname, relative } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Stack } from "./commands.ts";
import type { Compose } from "./docker-compose.ts";
import { envFilePaths, environmentOverride } from "./env-file-override.ts";
import type { StackModel } from "./stack-model.ts";
import type { Workspace } from "./workspace.ts";

interface Given {
  /** The application's environment is known, and stands in for what is a person's own. */
  readonly hasEnvironment: boolean;
  readonly workspace: Pick<Workspace, "write">;
}

interface ReadStack {
  readonly stack: Stack;
  readonly model: StackModel;
  /** Files with variables that are not here, relative to the first compose file: nothing stands in for them. */
  readonly missing: readonly string[];
}

export interface ReadPorts {
  readonly compose: Pick<Compose, "model" | "openModel">;
  /** Which of these files, by absolute path, git passes over. */
  readonly ignored: (paths: readonly string[]) => Promise<readonly string[]>;
  readonly signal: AbortSignal;
}

/**
 * What the files say, with the application's environment in the place of each `env_file` that git does not have: neither CI
 * nor a host has it. Where no such environment is known, it stands in only for what compose cannot do without.
 */
export async function readStack(stack: Stack, given: Given, ports: ReadPorts): Promise<ReadStack> {
  const known = given.hasEnvironment ? overrideFor(stack, given, ports) : undefined;
  const [read, early] = await Promise.all([modelOf(stack, ports), known]);
  if ("model" in read && early === undefined) return { stack, model: read.model, missing: [] };
  const failure = "error" in read ? read.error : undefined;
  if (failure !== undefined && !isOfTheFile(failure)) throw failure;
  const override = await (known ?? overrideFor(stack, given, ports));
  if (override === undefined) throw failure;
  const whole = {
    ...stack,
    files: [...stack.files, await given.workspace.write("environment.yml", override.text)],
  };
  const missing = given.hasEnvironment ? [] : override.missing;
  return { stack: whole, model: await ports.compose.model(whole, ports.signal), missing };
}

type Read = { readonly model: StackModel } | { readonly error: unknown };

function modelOf(stack: Stack, { compose, signal }: ReadPorts): Promise<Read> {
  return compose.model(stack, signal).then(
    (model) => ({ model }),
    (error: unknown) => ({ error }),
  );
}

function isOfTheFile(error: unknown): boolean {
  return error instanceof ThreadsError && error.code === "COMPOSE_FILE";
}

async function overrideFor(
  { files, envFiles: [environment = ""] }: Stack,
  { hasEnvironment }: Given,
  { compose, ignored, signal }: ReadPorts,
): Promise<{ readonly text: string; readonly missing: readonly string[] } | undefined> {
  const open = await compose.openModel(files, signal).catch(() => undefined);
  if (open === undefined) return undefined;
  const all = envFilePaths(open, files);
  const there = all.filter((path) => existsSync(path));
  const own = hasEnvironment && there.length > 0 ? new Set(await ignored(there)) : new Set<string>();
  const isOurs = (path: string): boolean => there.includes(path) && !own.has(path);
  const text = environmentOverride(open, { files, environment, isOurs, optionalToo: hasEnvironment });
  const folder = dirname(files[0] ?? "");
  const missing = all.filter((path) => !there.includes(path)).map((path) => relative(folder, path));
  return text === undefined ? undefined : { text, missing };
}

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import type { BundleFiles } from "../release/bundle.ts";
import type { Stack } from "./commands.ts";
import { renderEnvFile } from "./env-file.ts";
import { composeFileFault } from "./file-fault.ts";

export interface HostModel {
  /** What a bundle brings. */
  readonly files: BundleFiles;
  /** What the application's environment file has, as far as anybody here knows. */
  readonly environment: ReadonlyMap<string, string>;
  /** What threads itself puts beside it there: images, REVISION … */
  readonly variables: ReadonlyMap<string, string>;
  /** How messages name the compose files. */
  readonly named: string;
}

/**
 * Lets compose read a model as a host will: in a folder where nothing is but what travels. Where a variable is open that only
 * hosts have, nobody here can tell, and the host says it.
 * @param read lets compose read a stack; rejects with COMPOSE_FILE
 * @throws ThreadsError COMPOSE_FILE
 */
export async function readAsHost(
  { files, environment, variables, named }: HostModel,
  read: (stack: Stack) => Promise<unknown>,
): Promise<void> {
  const compose = files["compose.yml"];
  if (typeof compose !== "string" || isOpen(compose, new Map([...environment, ...variables, ["ENV_FILE", "."]])))
    return;
  const folder = await mkdtemp(join(tmpdir(), "threads-model-"));
  const at = (name: string): string => join(folder, name);
  const [envFile, own] = ["app.env", "images.env"].map(at) as [string, string];
  const all = new Map([...variables, ["ENV_FILE", envFile]]);
  try {
    for (const [name, file] of Object.entries(files)) await put(at(name.replace(/^model\//, "")), file);
    await writeFile(envFile, renderEnvFile(environment), { mode: 0o600 });
    await writeFile(own, renderEnvFile(all), { mode: 0o600 });
    const keys = [...environment.keys(), ...all.keys()];
    await read({ name: "threads-model", files: [at("compose.yml")], envFiles: [envFile, own], keys });
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.code !== "COMPOSE_FILE") throw error;
    if (isOfHost(error, folder)) return;
    const [, why = ""] = /^docker compose cannot read the compose file: (.*)$/s.exec(error.message) ?? [];
    const message = `a host could not read ${named}: ${why.replaceAll(`${folder}/`, "")}`;
    throw composeFileFault(message, "correct what it says", { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a variable without a default is none of those that are known, or has no value and needs one; `$$` is a dollar. */
function isOpen(compose: string, known: ReadonlyMap<string, string>): boolean {
  const names = compose.replaceAll("$$", "").matchAll(/\$(?:(\w+)|\{(\w+)(?!\w|:?-)(:\?)?)/g);
  return [...names].some(([, plain, braced, must]) => {
    const value = known.get(plain ?? braced ?? "");
    return value === undefined || (must !== undefined && value === "");
  });
}

/** A file that is missing here and has an absolute path is the host's own affair. */
function isOfHost({ message }: ThreadsError, folder: string): boolean {
  const [, missing, unread] = /(\/\S+) not found|(?:stat|open) (\/[^:\s]+): no such file/.exec(message) ?? [];
  const path = missing ?? unread;
  return path !== undefined && !path.startsWith(folder);
}

async function put(path: string, file: BundleFiles[string]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof file === "string" ? file : file.contents, { mode: 0o600 });
}

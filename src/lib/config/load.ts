import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import { commandText } from "../process/processes.ts";
import type { Config } from "./config.ts";
import { parseThreadsYaml } from "./parse.ts";

export const fileName = "threads.yml";

interface LoadOptions {
  /** Folder from which the file is searched upwards. */
  readonly start: string;
  /** An explicit file instead of a search. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Finds, reads and checks the configuration.
 * @throws ThreadsError usage: NO_CONFIG (not there, not readable), CONFIG_INVALID with line, column and suggestion
 */
export function loadConfig({ start, file, env }: LoadOptions): Config {
  const path = file === undefined ? findUpwards(start) : resolve(start, file);
  if (path === undefined || !existsSync(path)) {
    throw new ThreadsError("NO_CONFIG", {
      message: file === undefined ? `there is no ${fileName} in ${start} or above it` : `${file} does not exist`,
      next: file === undefined ? ["threads init"] : ["threads --help"],
      advice: [`change into the repository that has a ${fileName}, or name the file with --config`],
    });
  }
  const parsed = parseThreadsYaml(read(path), path);
  const { registry } = parsed;
  const repository = env["ECR_REPO"] || registry.repository;
  return { ...parsed, root: dirname(path), file: path, registry: { ...registry, repository } };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    const within = join(path, fileName);
    throw new ThreadsError("NO_CONFIG", {
      message: code === "EISDIR" ? `${path} is a folder, not a ${fileName}` : `${path} cannot be read (${code})`,
      next: [
        code === "EISDIR" && existsSync(within)
          ? commandText({ file: "export", args: [`THREADS_CONFIG=${within}`] })
          : commandText({ file: "ls", args: ["-ld", path] }),
      ],
      cause,
    });
  }
}

function findUpwards(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, fileName);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return undefined;
  }
}

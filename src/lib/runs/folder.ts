import { createHash } from "node:crypto";
import { type Dirent, existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Where the runs of a checkout lie: `THREADS_RUNS`, otherwise `.threads/runs`. Where images are built from the whole folder,
 * that would be another input of every build: then they lie among the user's own files (XDG_STATE_HOME).
 */
export function runsFolder(root: string, env: Variables): string {
  const named = env["THREADS_RUNS"] ?? "";
  if (named !== "") return resolve(named);
  if (!isBuiltFrom(root)) return join(root, ".threads", "runs");
  const state = env["XDG_STATE_HOME"] ?? "";
  const name = `${basename(root)}-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
  return join(state === "" ? join(homedir(), ".local", "state") : state, "threads", name, "runs");
}

/** Whether a build takes `.threads` into its context: that of a Dockerfile here, or one that a compose file names. */
function isBuiltFrom(root: string): boolean {
  const own = existsSync(join(root, "Dockerfile")) ? [root] : [];
  const around = new Set([...own, ...composeFiles(root).flatMap(contextsIn)]);
  return [...around].some((context) => {
    const way = relative(context, root);
    return way.split(sep)[0] !== ".." && !isAbsolute(way) && !leavesOut(context, way === "");
  });
}

/** Compose files of a checkout, here or a folder below. */
function composeFiles(root: string): readonly string[] {
  const here = entriesOf(root);
  const below = here
    .filter((entry) => entry.isDirectory() && !/^(?:\.|node_modules$)/.test(entry.name))
    .flatMap(({ name }) => entriesOf(join(root, name)));
  return [...here, ...below]
    .filter((entry) => entry.isFile() && /compose.*\.ya?ml$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** A folder that cannot be read has nothing to build from. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** By its lines: reading it as YAML would load a parser with every command. */
function contextsIn(file: string): readonly string[] {
  const named = textOf(file).matchAll(/(?:^|[\s{,])(?:build|context):[ \t]*["']?([^\s"',{}#]+)/g);
  return [...named].map(([, path = ""]) => resolve(dirname(file), path));
}

function leavesOut(context: string, isOwn: boolean): boolean {
  const all = /^\/?(?:\*\*\/\.threads(?:\/\*{0,2})?|\*{1,2})\/?\s*$/;
  const own = /^\/?(?:\.threads(?:\/\*{0,2})?|\.\*)\/?\s*$/;
  return textOf(join(context, ".dockerignore"))
    .split("\n")
    .some((line) => all.test(line) || (isOwn && own.test(line)));
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** `20261128-083000-deploy-1f3a9c`: by these names the oldest is the first. @param at milliseconds since the epoch */
export function runName(command: string, at: number, id: string): string {
  const [day = "", time = ""] = new Date(at).toISOString().split("T");
  return `${day.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${command.replaceAll(" ", "-")}-${id}`;
}

/** Whether a folder's name is that of a run: nothing else is ever removed. */
export function isRunName(name: string): boolean {
  return /^\d{8}-\d{6}-[a-z-]+-[0-9a-f]{6}$/.test(name);
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";

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

/** Whether a build whose context is this folder would take `.threads` into it. */
function isBuiltFrom(root: string): boolean {
  if (!existsSync(join(root, "Dockerfile"))) return false;
  const file = join(root, ".dockerignore");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return !lines.some((line) => /^\/?(?:\*\*\/)?(?:\.threads(?:\/\*{0,2})?|\*{1,2}|\.\*)\/?\s*$/.test(line));
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

import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { requireResult } from "../fakes/results.ts";

export interface SpawnOptions {
  /** `dev`: straight from src. `run`: what users run, from the build. */
  readonly entry?: "dev" | "run";
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The CLI as a person runs it, in a folder, with its streams kept. */
export interface SpawnedCli {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves as soon as stderr has this text. */
  seen(text: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

export function spawnCli(cwd: string, args: readonly string[], options: SpawnOptions = {}): SpawnedCli {
  const entry = fileURLToPath(new URL(`../../bin/${options.entry ?? "dev"}.js`, import.meta.url));
  // Records of runs in folders that images are built from lie there.
  const env = { ...process.env, XDG_STATE_HOME: join(tmpdir(), "threads-state"), ...options.env };
  const child = spawn(process.execPath, [entry, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    text.stderr += chunk.toString();
    for (const look of watchers) look();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code))).then((code) => {
    requireResult(args, text.stdout);
    return code;
  });
  return {
    child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended,
    seen: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => (text.stderr.includes(wanted) ? resolve() : undefined);
        watchers.add(look);
        look();
        void ended.then((code) => reject(new Error(`ended with ${code} before "${wanted}":\n${text.stderr}`)));
      }),
  };
}

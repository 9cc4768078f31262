import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A repository of its own with the real backend, on which the built CLI is used as a person would use it. */
export interface TrainProject {
  readonly root: string;
  readonly sha: string;
  /** Runs `threads …` to its end. */
  threads(args: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<Ended>;
  /** Starts `threads …`; the caller signals it and waits for `ended`. */
  start(
    args: readonly string[],
    env?: Readonly<Record<string, string | undefined>>,
  ): { readonly child: ChildProcess; readonly ended: Promise<Ended>; says(text: string): Promise<void> };
  git(...args: string[]): string;
  remove(): void;
}

/** Copies what git tracks of the backend, so that a stray file of the working tree cannot change the images. */
export function makeTrainProject(): TrainProject {
  const root = mkdtempSync(join(tmpdir(), "threads-train-"));
  const tracked = execFileSync("git", ["ls-files", "backend", "threads.yml", ".gitignore"], {
    cwd: checkout,
    encoding: "utf8",
  });
  for (const file of tracked.trim().split("\n")) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(checkout, file), join(root, file));
  }
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=Train", "-c", "user.email=train@example.com", ...args], {
      cwd: root,
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "dev");
  git("add", "-A");
  git("commit", "-qm", "The backend");
  const sha = git("rev-parse", "HEAD");
  const start: TrainProject["start"] = (args, env = {}) => {
    const child = spawn(process.execPath, [join(checkout, "bin/run.js"), ...args], {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, ...collect(child) };
  };
  return {
    root,
    sha,
    git,
    start,
    threads: (args, env) => start(args, env).ended,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function collect(child: ChildProcess): { ended: Promise<Ended>; says(text: string): Promise<void> } {
  let stdout = "";
  let stderr = "";
  const waiting: { text: string; heard: () => void }[] = [];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const { text: wanted, heard } of waiting) if (stderr.includes(wanted)) heard();
  });
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
  const says = (text: string): Promise<void> =>
    Promise.race([
      new Promise<void>((heard) => (stderr.includes(text) ? heard() : waiting.push({ text, heard }))),
      ended.then(() => Promise.reject(new Error(`ended before it said "${text}":\n${stderr}`))),
    ]);
  return { ended, says };
}

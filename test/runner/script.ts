import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

interface ScriptOptions {
  readonly shell: string | undefined;
  /** Where the script lies. */
  readonly file: string;
  readonly cwd: string;
  /** All of it: nothing of ours is handed down. */
  readonly env: Readonly<Record<string, string>>;
  readonly cancelAt: RegExp | undefined;
}

/** With a shell named, and without (GitHub docs, workflow syntax, "jobs.<job_id>.steps[*].shell"). */
const shells: Readonly<Record<string, readonly string[]>> = {
  bash: ["--noprofile", "--norc", "-eo", "pipefail"],
  "": ["-e"],
};

/**
 * One script as the runner runs it. A cancelled job gets SIGINT in the one process that the runner has started
 * (docs, "Canceling a workflow run"): what that has become by exec.
 */
export function runScript(
  text: string,
  { shell = "", file, cwd, env, cancelAt }: ScriptOptions,
): Promise<{ readonly code: number; readonly printed: string; readonly cancelled: boolean }> {
  const options = shells[shell];
  if (options === undefined) return Promise.reject(new Error(`nobody knows the shell ${shell}`));
  writeFileSync(file, text);
  const child = spawn("bash", [...options, file], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let [printed, cancelled] = ["", false];
  const hear = (chunk: Buffer): void => {
    printed += chunk.toString();
    if (cancelled || cancelAt?.test(printed) !== true) return;
    cancelled = true;
    child.kill("SIGINT");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, printed, cancelled }));
  });
}

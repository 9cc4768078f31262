import type { Processes, RunOptions } from "../process/processes.ts";

/** The URL of `origin` as git itself uses it (`insteadOf`), or undefined: no git, no repository and no such remote are all the same here. */
export async function remoteUrl(
  root: string,
  processes: Processes,
  within: Pick<RunOptions, "signal" | "timeoutMs"> = {},
): Promise<string | undefined> {
  const command = { file: "git", args: ["remote", "get-url", "origin"] };
  const asked = await processes.run(command, { cwd: root, allowFailure: true, ...within }).catch(() => undefined);
  return asked?.exitCode === 0 && asked.stdout.trim() !== "" ? asked.stdout.trim() : undefined;
}

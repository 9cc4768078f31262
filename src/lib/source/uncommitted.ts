import type { Processes } from "../process/processes.ts";

/** Paths below a folder that git does not have as they are, whole folders as one; undefined where there is no repository, or no git. */
export async function uncommitted(root: string, processes: Processes): Promise<readonly string[] | undefined> {
  const args = ["ls-files", "--modified", "--others", "--directory", "--exclude-standard", "-z"];
  const asked = await processes.run({ file: "git", args }, { cwd: root, allowFailure: true }).catch(() => undefined);
  return asked?.exitCode === 0 ? asked.stdout.split("\0").filter((path) => path !== "") : undefined;
}

import { join, relative } from "node:path";
import { commandText } from "../../process/processes.ts";
import { ignoreInstalled } from "../../source/commit-all.ts";

/** What npm and its like write when this package is installed: without it in a commit there is nothing to publish. */
const installation = /^(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/;

interface Written {
  /** Folder of threads.yml. */
  readonly root: string;
  /** Where the line is typed. */
  readonly cwd: string;
  /** What was written, relative to `root`. */
  readonly names: readonly string[];
  /** What git does not have as it is, relative to `root`; undefined where there is no repository. */
  readonly uncommitted: readonly string[] | undefined;
  /** Whether npm has installed packages that would be committed, too, where there is no git to say so. */
  readonly isLoose: boolean;
}

/** The line that commits what was written, with what the installation of this package has changed, and nothing else. */
export function commitLine({ root, cwd, names, uncommitted, isLoose }: Written): string {
  const typed = (name: string): string => relative(cwd, join(root, name));
  const isUnignored = uncommitted === undefined ? isLoose : uncommitted.includes("node_modules/");
  const ignore = isUnignored ? [ignoreInstalled(typed(".gitignore"))] : [];
  const also = (uncommitted ?? []).filter((path) => installation.test(path));
  const own = [...names, ...also, ...(isUnignored ? [".gitignore"] : [])];
  const args = uncommitted === undefined ? ["--all"] : [...new Set(own)].map(typed);
  return [
    ...(uncommitted === undefined ? ["git init"] : []),
    ...ignore,
    commandText({ file: "git", args: ["add", ...args] }),
    "git commit -m 'Release with threads'",
  ].join(" && ");
}

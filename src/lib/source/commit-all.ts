import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What `git add` would take in with everything else, where nobody has told git to leave it. */
const installed = /(?:^|\/)node_modules\//;

/** For a shell; the empty line is for a file whose last line has no end. */
export function ignoreInstalled(file: string): string {
  return String.raw`printf '\nnode_modules/\n' >> ${file}`;
}

/** The commands that commit everything, and never what npm has installed. @param dirty paths that differ from the commit */
export function commitAll(dirty: readonly string[]): string {
  const all = "git add --all && git commit";
  return dirty.some((path) => installed.test(path)) ? `${ignoreInstalled(".gitignore")} && ${all}` : all;
}

/** Whether npm has installed into a folder whose own .gitignore does not name that, where no git is to be asked. */
export function isInstalledLoose(root: string): boolean {
  if (!existsSync(join(root, "node_modules"))) return false;
  const file = join(root, ".gitignore");
  return !existsSync(file) || !/^\s*\/?node_modules\/?\s*$/m.test(readFileSync(file, "utf8"));
}

/** The commands that commit a folder of which git has nothing yet. */
export function commitFirst(root: string): string {
  return commitAll(isInstalledLoose(root) ? ["node_modules/"] : []);
}

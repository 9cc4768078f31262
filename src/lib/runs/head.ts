import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * The commit that is checked out, without asking git, which would have to be started first; null where it cannot be told.
 * Files as gitrepository-layout(5) has them.
 */
export function headOf(root: string): string | null {
  try {
    const folder = gitFolder(root);
    if (folder === undefined) return null;
    const head = readFileSync(join(folder, "HEAD"), "utf8").trim();
    const ref = /^ref: (.+)$/.exec(head)?.[1];
    return ref === undefined ? asCommit(head) : refOf(ref, folder);
  } catch {
    return null;
  }
}

function gitFolder(root: string): string | undefined {
  const place = join(root, ".git");
  if (!existsSync(place)) return dirname(root) === root ? undefined : gitFolder(dirname(root));
  if (statSync(place).isDirectory()) return place;
  const [, elsewhere = ""] = /^gitdir: (.+)$/m.exec(readFileSync(place, "utf8")) ?? [];
  return resolve(root, elsewhere.trim());
}

/** A worktree has its branches where its repository has them. */
function refOf(ref: string, folder: string): string | null {
  const shared = join(folder, "commondir");
  const common = existsSync(shared) ? resolve(folder, readFileSync(shared, "utf8").trim()) : folder;
  const loose = join(common, ref);
  if (existsSync(loose)) return asCommit(readFileSync(loose, "utf8").trim());
  const packed = readFileSync(join(common, "packed-refs"), "utf8").split("\n");
  return asCommit(packed.find((line) => line.endsWith(` ${ref}`))?.slice(0, 40) ?? "");
}

function asCommit(text: string): string | null {
  return /^[0-9a-f]{40}$/.test(text) ? text : null;
}

import { copyFile, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inPrivateFolder } from "../docker/private-folder.ts";
import { wordsOf } from "../errors/words-of.ts";
import { readJunit, type SuiteCounts, together } from "./junit.ts";

/** What suites have left in a folder of their container. */
export interface Reports {
  /** Files, relative to that folder, in the order of their paths. */
  readonly files: readonly string[];
  /** Undefined where none of the files is in JUnit's format. */
  readonly counts: SuiteCounts | undefined;
  /** Why they are not in the folder that was to get them; undefined where they are, or none was to. */
  readonly unsaved: string | undefined;
}

/** Copies a folder's contents out of a container. @returns false where it has no such folder */
export type CopyOut = (what: Readonly<Record<"container" | "from" | "to", string>>) => Promise<boolean>;

export interface Wanted {
  readonly container: string;
  /** Absolute path in the container. */
  readonly from: string;
  /** Absolute path of a folder here, made where it is not there; undefined where the files are only read. */
  readonly to: string | undefined;
}

/** Brings out what suites have left. @returns undefined where there is no such folder, or nothing in it */
export type BringReports = (wanted: Wanted) => Promise<Reports | undefined>;

/** Through a folder of this run's own, so that files that an earlier one left behind are not taken for this one's. */
export function bringReports(copyOut: CopyOut): BringReports {
  return ({ container, from, to }) =>
    inPrivateFolder(async (folder) => {
      if (!(await copyOut({ container, from, to: folder }))) return undefined;
      const files = await filesIn(folder);
      if (files.length === 0) return undefined;
      const counts = await countsIn(folder, files);
      return { files, counts, unsaved: to === undefined ? undefined : await unsaved(files, { from: folder, to }) };
    });
}

/** No JUnit file of people's is larger; what is would fill the memory. */
const mostBytes = 64 * 2 ** 20;

async function countsIn(folder: string, files: readonly string[]): Promise<SuiteCounts | undefined> {
  const junit: SuiteCounts[] = [];
  for (const file of files.filter((name) => name.endsWith(".xml"))) {
    const path = join(folder, file);
    if ((await stat(path)).size > mostBytes) continue;
    const counts = readJunit(await readFile(path, "utf8"));
    if (counts !== undefined) junit.push(counts);
  }
  return junit.length === 0 ? undefined : together(junit);
}

/** Copies them. @returns what stood in the way */
async function unsaved(
  files: readonly string[],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<string | undefined> {
  try {
    for (const file of files) {
      await mkdir(dirname(join(to, file)), { recursive: true });
      await copyFile(join(from, file), join(to, file));
    }
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

/** Without links: what they lead to is the container's, and here it would be something else. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

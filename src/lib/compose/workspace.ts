import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thisOwner } from "../process/owner.ts";

/** A folder of one run that only its user can enter: environment files with secrets live here and nowhere else. */
export interface Workspace {
  readonly folder: string;
  /** Writes a file of mode 0600. @returns its absolute path */
  write(name: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

/** Names the process that a workspace belongs to, so that others can tell whether it lives. */
export const ownerFile = "owner";

/** @param name first part of the folder's name; mkdtemp(3) makes it with mode 0700 */
export async function makeWorkspace(name: string): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  await writeFile(join(folder, ownerFile), thisOwner(), { mode: 0o600 });
  return {
    folder,
    write: async (file, text) => {
      const path = join(folder, file);
      await writeFile(path, text, { mode: 0o600, flag: "wx" });
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

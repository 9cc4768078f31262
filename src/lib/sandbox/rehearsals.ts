import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { hideStateFolders, removeEmptyStateFolder } from "./state.ts";

/** A throw-away sandbox of a checkout, beside the one that people use. */
export interface Rehearsal {
  readonly id: string;
  /** What is to its sandbox what the checkout is to the other: ports, names and credentials are its own. */
  readonly root: string;
  /** Who made it, see thisOwner. */
  readonly owner: string;
}

/** `<checkout>/.threads/rehearsals`. */
function folderOf(checkout: string): string {
  return join(checkout, ".threads", "rehearsals");
}

/** Makes the folder of one. It is never there without its owner: nobody takes it for a leftover. */
export function beginRehearsal(checkout: string, owner: string): Rehearsal {
  hideStateFolders(checkout);
  const id = randomBytes(4).toString("hex");
  const folder = folderOf(checkout);
  const unnamed = join(folder, `.new-${id}`);
  mkdirSync(unnamed, { recursive: true, mode: 0o700 });
  writeFileSync(join(unnamed, "owner"), owner);
  const root = join(folder, id);
  renameSync(unnamed, root);
  return { id, root, owner };
}

/** All that there are, those at work too. */
export function rehearsalsIn(checkout: string): readonly Rehearsal[] {
  const folder = folderOf(checkout);
  return namesIn(folder)
    .filter((id) => /^[0-9a-f]{8}$/.test(id))
    .map((id) => ({ id, root: join(folder, id), owner: ownerOf(join(folder, id)) }));
}

/** Takes its folder away, once its containers are gone. */
export function endRehearsal(checkout: string, { root }: Pick<Rehearsal, "root">): void {
  rmSync(root, { recursive: true, force: true });
  try {
    rmdirSync(folderOf(checkout));
  } catch {
    // Another one is in it, or has just taken it away.
    return;
  }
  removeEmptyStateFolder(checkout);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function ownerOf(root: string): string {
  try {
    return readFileSync(join(root, "owner"), "utf8");
  } catch {
    return "";
  }
}

import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { ownerIsAlive, thisOwner } from "../process/owner.ts";

const start = "threads-docker-";
/** mkdtemp(3) adds six letters of its own. */
const ours = /^threads-docker-(\d+)-(.+)-[A-Za-z0-9]{6}$/;

export interface TemporaryRoot {
  /** Where such folders lie. */
  readonly root: string;
  /** Only this user's are touched. */
  readonly uid: number;
}

/** This machine's, of the user that runs this. */
export function temporaryRoot(): TemporaryRoot {
  return { root: tmpdir(), uid: userInfo().uid };
}

/**
 * Makes a private folder (0700) for a docker configuration, which will hold a token of twelve hours, or for exported images,
 * which may be gigabytes; and takes away those of processes that were killed before they could. Its name tells whose it is: there is no moment without an owner.
 */
export async function makePrivateFolder(within: TemporaryRoot = temporaryRoot()): Promise<string> {
  await sweep(within);
  const owner = thisOwner();
  const colon = owner.lastIndexOf(":");
  return mkdtemp(join(within.root, `${start}${owner.slice(colon + 1)}-${owner.slice(0, colon)}-`));
}

/** Such a folder for as long as it is used; it goes away whatever happens. */
export async function inPrivateFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makePrivateFolder();
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Folders of processes that are dead, by their paths. */
export async function deadPrivateFolders({ root, uid }: TemporaryRoot): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  const left = names.filter((name) => {
    const [, pid, host] = ours.exec(name) ?? [];
    return pid !== undefined && host !== undefined && !ownerIsAlive(`${host}:${pid}`);
  });
  const own = left.map(async (name): Promise<string[]> => {
    const found = await lstat(join(root, name)).catch(() => undefined);
    return found?.isDirectory() === true && found.uid === uid ? [join(root, name)] : [];
  });
  return (await Promise.all(own)).flat();
}

/** What cannot be removed now is left to the next run: tidying up must not stop a push. */
async function sweep(within: TemporaryRoot): Promise<void> {
  const dead = await deadPrivateFolders(within);
  await Promise.all(dead.map((path) => rm(path, { recursive: true, force: true }).catch(() => undefined)));
}

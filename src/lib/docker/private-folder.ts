import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { ownerIsAlive, thisOwner } from "../process/owner.ts";

const start = "threads-docker-";
/** mkdtemp(3) adds six letters of its own. */
const ours = /^threads-docker-(\d+)-(.+)-[A-Za-z0-9]{6}$/;

interface TemporaryRoot {
  /** Where such folders lie. */
  readonly root: string;
  /** Only this user's are touched. */
  readonly uid: number;
}

/**
 * Makes a private folder (0700) for a docker configuration, which will hold a token of twelve hours, or for exported images,
 * which may be gigabytes; and takes away those of processes that were killed before they could. Its name tells whose it is: there is no moment without an owner.
 */
export async function makePrivateFolder(
  within: TemporaryRoot = { root: tmpdir(), uid: userInfo().uid },
): Promise<string> {
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

async function sweep({ root, uid }: TemporaryRoot): Promise<void> {
  const names = await readdir(root).catch(() => []);
  const left = names.filter((name) => {
    const [, pid, host] = ours.exec(name) ?? [];
    return pid !== undefined && host !== undefined && !ownerIsAlive(`${host}:${pid}`);
  });
  await Promise.all(left.map((name) => removeOwn(join(root, name), uid)));
}

/** What cannot be removed now is left to the next run: tidying up must not stop a push. */
async function removeOwn(path: string, uid: number): Promise<void> {
  try {
    const found = await lstat(path);
    if (found.isDirectory() && found.uid === uid) await rm(path, { recursive: true, force: true });
  } catch {
    // Another run was faster, or the folder is not ours to remove.
  }
}

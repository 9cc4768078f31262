import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Folder of a server's state; undefined: it is in memory alone, and gone with the server. */
export type StateDir = string | undefined;

/** A file of a state, where it has files. */
export function stateFile(stateDir: StateDir, ...path: readonly string[]): string | undefined {
  return stateDir === undefined ? undefined : join(stateDir, ...path);
}

/** State that is read in memory and survives a restart, where it has a file. */
export interface JsonStore<T> {
  /** Read freely; change only inside `update`. */
  readonly state: T;
  /**
   * Runs `change` at once (it must be synchronous, so it is atomic), and resolves with its value when the state is on disk.
   * If `change` throws, nothing is written: validate before the first assignment.
   */
  update<R>(change: (state: T) => R): Promise<R>;
  /** Resolves when everything so far is on disk. */
  flush(): Promise<void>;
}

/** Opens `file`, or starts with `empty()` when it is not there. Writes go one after the other, each through a temporary file and a rename. */
export async function openJsonStore<T>(file: string | undefined, empty: () => T): Promise<JsonStore<T>> {
  if (file === undefined) {
    const state = empty();
    return { state, update: async (change) => change(state), flush: () => Promise.resolve() };
  }
  await mkdir(dirname(file), { recursive: true });
  const state = (await load<T>(file)) ?? empty();
  let writing: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;

  const persist = (): Promise<void> => {
    // One queued write is enough for all changes that arrive while another is under way.
    queued ??= writing
      .catch(() => {})
      .then(() => {
        queued = undefined;
        return replace(file, JSON.stringify(state));
      });
    writing = queued;
    return queued;
  };

  return {
    state,
    async update(change) {
      const result = change(state);
      await persist();
      return result;
    },
    flush: () => writing,
  };
}

/** What an earlier server has left in a folder, a store for each file; what `isOver` is taken away. */
export async function openJsonStores<T>(folder: string, isOver: (state: T) => boolean): Promise<JsonStore<T>[]> {
  await mkdir(folder, { recursive: true });
  const stores: JsonStore<T>[] = [];
  for (const name of (await readdir(folder)).filter((each) => each.endsWith(".json"))) {
    const file = join(folder, name);
    const store = await openJsonStore<T>(file, () => {
      throw new Error(`${file} vanished while it was read`);
    });
    if (isOver(store.state)) await rm(file, { force: true });
    else stores.push(store);
  }
  return stores;
}

async function load<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  // Not synced: a sandbox has to survive the end of its process, not of the machine's power.
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}

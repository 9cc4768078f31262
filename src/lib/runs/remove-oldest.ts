import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isRunName } from "./folder.ts";

/** So many runs are kept, and so much of them in bytes; a train is some six of them. */
const mostRuns = 100;
const mostBytes = 256 * 1024 * 1024;

interface Limits {
  readonly runs: number;
  readonly bytes: number;
}

/** Removes the oldest runs until the others fit. @param own folder that stays, whatever its size */
export function removeOldest(runs: string, own: string, limits: Limits = { runs: mostRuns, bytes: mostBytes }): void {
  const newestFirst = readdirSync(runs).filter(isRunName).toSorted().toReversed();
  let bytes = 0;
  for (const [index, name] of newestFirst.entries()) {
    const folder = join(runs, name);
    bytes += sizeOf(folder);
    if ((index >= limits.runs || bytes > limits.bytes) && folder !== own)
      rmSync(folder, { recursive: true, force: true });
  }
}

function sizeOf(folder: string): number {
  try {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return files.reduce((sum, file) => sum + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0), 0);
  } catch {
    // Another run is removing it just now.
    return 0;
  }
}

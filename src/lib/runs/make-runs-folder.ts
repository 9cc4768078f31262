import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes the folder in which the runs of a checkout lie, for nobody else to look into. The checkout stays as clean as it was,
 * whatever its own .gitignore says.
 */
export function makeRunsFolder(runs: string): void {
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  const ignore = join(runs, ".gitignore");
  if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
}

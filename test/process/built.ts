import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Changed at, in milliseconds; nothing where the file is not there. */
const changed = (file: string): number => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The tests of what users run judge the build: one that is not there, or not of these sources, would fail in riddles. */
export function requireBuild(): void {
  // The last file that `npm run build` writes.
  const built = changed("oclif.manifest.json");
  if (built === 0 || changed("dist/cli.cjs") === 0) throw new Error("threads is not built: npm run build first");
  const madeFrom = ["package.json", "bin/build.js", ...globSync(["src/**/*.*", "bin/bundle/*"], { cwd: root })];
  const newer = madeFrom.find((file) => changed(file) > built);
  if (newer !== undefined) throw new Error(`${newer} is newer than the build: npm run build first`);
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Ask } from "../../../../src/lib/actions/init/ask.ts";
import { init, type InitOptions } from "../../../../src/lib/actions/init/run.ts";
import type { InitResult } from "../../../../src/lib/actions/init/result.ts";
import type { Config } from "../../../../src/lib/config/config.ts";
import { loadConfig } from "../../../../src/lib/config/load.ts";
import { lookAtProject } from "../../../../src/lib/project/look.ts";

/** A folder with these files, for one test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "threads-init-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** `threads init` in it. */
export const run = (
  root: string,
  options: Partial<InitOptions> = {},
  more: { ask?: Ask; remote?: string; file?: string; uncommitted?: () => Promise<readonly string[] | undefined> } = {},
): Promise<InitResult> =>
  init(
    { dryRun: false, force: false, workflows: false, ...options },
    {
      file: join(root, more.file ?? "threads.yml"),
      cwd: root,
      version: "9.8.7",
      look: () => lookAtProject(dirname(join(root, more.file ?? "x"))),
      remote: async () => more.remote,
      uncommitted: more.uncommitted ?? (async () => ["threads.yml", "notes.txt"]),
      ask: more.ask,
    },
  );
/** What the program reads there afterwards. */
export const configOf = (root: string): Config => loadConfig({ start: root, file: undefined, env: {} });

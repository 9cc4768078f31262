import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { spawnCli } from "../e2e/spawned-cli.ts";
import { requireBuild } from "./built.ts";
import { openProject, type Project } from "./project.ts";

requireBuild();

// What a job of GitHub Actions shows of its steps.

const folder = mkdtempSync(join(tmpdir(), "threads-step-"));
let project: Project;
beforeAll(async () => {
  project = await openProject();
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** @returns exit code, stderr, and the summary that the step has then */
async function inJob(summary: string, ...args: string[]) {
  const env = { ...project.env, GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
  const cli = spawnCli(project.repository.root, args, { entry: "run", env });
  return { code: await cli.ended, stderr: cli.stderr() };
}

it("has a line for what was done and for what failed, with the facts of --json", async () => {
  const file = join(folder, "summary.md");
  const release = project.newest.release.revision;
  expect((await inJob(file, "rollback", "-e", "prod")).code).toBe(0);
  expect((await inJob(file, "promote", release, "-e", "prod")).code).toBe(3);
  expect((await inJob(file, "status", "-e", "prod")).code).toBeTypeOf("number");
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/^### `threads rollback`: ✔ `prod` is back on `[0-9a-f]{12}`\n/);
  expect(text).toContain("\n### ✖ `threads promote` failed: `GATES_SHUT`\n");
  expect(text.match(/^### /gm)).toHaveLength(2);
});

it("costs a command nothing where it cannot be written", async () => {
  const { code, stderr } = await inJob(join(folder, "nowhere", "summary.md"), "publish");
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("::warning::the summary of this step was not written: ENOENT"),
  });
});

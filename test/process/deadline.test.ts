import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vitest = join(root, "node_modules/vitest/vitest.mjs");

// While the first runs, time is up for the rest: the runner reads the same environment.
const tests = `
test("begun", () => {
  process.env["END_OF"] && (process.env[process.env["END_OF"]] = "1");
});
test("after it", () => {});
describe("a group", () => {
  beforeAll(() => {
    if (process.env["TEST_UNTIL"]) throw new Error("prepared after the end");
  });
  test("in it", () => {});
});
`;

interface Run {
  readonly project: "e2e" | "long";
  readonly env: Readonly<Record<string, string>>;
}

/** What became of each test of a file of its own, run as the gate runs it. */
async function run({ project, env }: Run) {
  const folder = mkdtempSync(join(tmpdir(), "threads-deadline-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "test"));
  writeFileSync(join(folder, "test/one.test.js"), tests);
  const report = join(folder, "report.json");
  const config = {
    test: {
      runner: join(root, "test/deadline-runner.ts"),
      reporters: [["json", { outputFile: report }]],
      projects: [{ test: { globals: true, name: project } }],
    },
  };
  writeFileSync(join(folder, "vitest.config.mjs"), `export default ${JSON.stringify(config)};`);
  const { exitCode, stderr } = await execa(process.execPath, [vitest, "run"], {
    cwd: folder,
    reject: false,
    env: { TEST_UNTIL: undefined, TEST_LONG_UNTIL: undefined, ...env },
  });
  if (!existsSync(report)) throw new Error(`no report was written: ${stderr}`);
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    readonly testResults: readonly { assertionResults: readonly { fullName: string; status: string }[] }[];
  };
  const statuses = testResults.flatMap((file) =>
    file.assertionResults.map(({ fullName, status }) => [fullName, statusNames[status]]),
  );
  return { exitCode, statuses: Object.fromEntries(statuses) as unknown };
}

// What is set in time for a test of its own, and what comes with its file.
const statusNames: Readonly<Record<string, string>> = { passed: "passed", skipped: "not run", pending: "not run" };

test("what has begun when time is up ends as it does, and what comes after it is not begun", async () => {
  expect(await run({ project: "e2e", env: { END_OF: "TEST_UNTIL" } })).toEqual({
    exitCode: 0,
    statuses: { begun: "passed", "after it": "not run", "a group in it": "not run" },
  });
});

test("a file that would begin later is left whole, and each of its tests is told", async () => {
  expect(await run({ project: "e2e", env: { TEST_UNTIL: "1" } })).toEqual({
    exitCode: 0,
    statuses: { begun: "not run", "after it": "not run", "a group in it": "not run" },
  });
});

test("the longest have an earlier end of their own, which the others do not have", async () => {
  const env = { TEST_LONG_UNTIL: "1" };
  const left = { begun: "not run", "after it": "not run", "a group in it": "not run" };
  const passed = { begun: "passed", "after it": "passed", "a group in it": "passed" };
  expect((await run({ project: "long", env })).statuses).toEqual(left);
  expect((await run({ project: "e2e", env })).statuses).toEqual(passed);
});

test("one of the longest that has begun goes on after that", async () => {
  expect(await run({ project: "long", env: { END_OF: "TEST_LONG_UNTIL" } })).toEqual({
    exitCode: 0,
    statuses: { begun: "passed", "after it": "passed", "a group in it": "passed" },
  });
});

import "./bin/require-node.js";
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { defineConfig } from "vitest/config";

// Set by bin/test.js for .ci/run, which counts the tests from this report.
const report = process.env["VITEST_REPORT"];

// Set by bin/test.js where the time for all of them is limited.
const isLimited = ["TEST_UNTIL", "TEST_LONG_UNTIL"].some((name) => process.env[name] !== undefined);

// Set by Stryker (`npm run mutate`), which runs tests once for each mutant.
const mutating = process.env["STRYKER_MUTATOR_WORKER"] !== undefined;

/**
 * Where the files of the fast tests live for their moment: a disk lets each of thousands of replacements and deletions wait.
 * Scripts are run from there, too. Elsewhere than on Linux, and in containers, where it is small: the usual folder.
 */
export function temporaryFolder(): { TMPDIR?: string } {
  const memory = "/dev/shm";
  if (!existsSync(memory) || !existsSync("/proc/mounts")) return {};
  const mount = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .find((line) => line.split(" ")[1] === memory);
  const { bavail, bsize } = statfsSync(memory);
  return mount === undefined || mount.includes("noexec") || bavail * bsize < 2 ** 30 ? {} : { TMPDIR: memory };
}

// A condition that is waited for has nearly as long as its test: vitest's own second is none on a busy machine.
const polled = { expect: { poll: { timeout: 50_000 } } };

// No module is mocked, so that the files of a worker can share what they import. The time ends what hangs, and judges nothing.
const shared = { isolate: false, testTimeout: 300_000, hookTimeout: 300_000, ...polled, env: temporaryFolder() };

// Stand beside what they test, and are no part of what is run after each edit.
const slow = "test/{lib,fakes}/**/*.process.test.ts";

// What is run after each edit: everything but what follows.
const fast = {
  test: {
    ...shared,
    name: "fast",
    include: mutating ? ["test/{lib,fakes}/**/*.test.ts"] : ["test/{lib,contract,fakes}/**/*.test.ts"],
    exclude: ["test/lib/{attacks,faults}/**", ...(mutating ? [] : [slow])],
  },
};

// Each call of a command goes wrong in turn, and whoever has some of our rights goes round it: some thousand commands a run.
const faults = {
  test: { ...shared, name: "faults", include: ["test/lib/{attacks,faults}/**/*.test.ts"], testTimeout: 1_800_000 },
};

// The CLI, from its sources and as it is built, and the linters of our scripts: each test starts a process or more.
const ownProcess = { test: { ...shared, name: "process", include: ["test/process/**/*.test.ts", slow] } };

// The script of a host under a real shell, beside a docker of files: it starts a thousand processes a run, and comes last.
const host = {
  test: {
    name: "host",
    include: ["test/host/**/*.test.ts"],
    // Some let the power fail at each call of docker.
    testTimeout: 1_200_000,
    // What stands before a test are deployments, too.
    hookTimeout: 300_000,
    ...polled,
    env: temporaryFolder(),
    sequence: { groupOrder: 3 },
  },
};

// Two files at a time: they wait for containers as much as they compute.
const containers = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
  ...polled,
  maxWorkers: 2,
};
const longNames = "test/e2e/**/*.long.test.ts";
const e2e = {
  test: {
    ...containers,
    name: "e2e",
    include: ["test/e2e/**/*.test.ts"],
    exclude: [longNames],
    sequence: { groupOrder: 1 },
  },
};
// Fleets under load, whole workflows, other people's engines: after the others, and as many as there is time for.
const long = { test: { ...containers, name: "long", include: [longNames], sequence: { groupOrder: 2 } } };

export default defineConfig({
  test: {
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    // Most of them wait for real processes and sockets rather than compute: more workers than cores.
    maxWorkers: 4,
    ...(isLimited && { runner: "./test/deadline-runner.ts" }),
    projects: [fast, ...(mutating ? [] : [faults, ownProcess, host, e2e, long])],
  },
});

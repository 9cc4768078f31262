import "./bin/require-node.js";
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { defineConfig } from "vitest/config";

// Set by .ci/run, which counts the tests from this report.
const report = process.env["VITEST_REPORT"];

// Set by Stryker (`npm run mutate`), which runs tests once for each mutant.
const mutating = process.env["STRYKER_MUTATOR_WORKER"] !== undefined;

/**
 * Where the files of the fast tests live for their moment: a disk lets each of thousands of replacements and deletions wait.
 * Scripts are run from there, too. Elsewhere than on Linux, and in containers, where it is small: the usual folder.
 */
function temporaryFolder(): { TMPDIR?: string } {
  const memory = "/dev/shm";
  if (!existsSync(memory) || !existsSync("/proc/mounts")) return {};
  const mount = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .find((line) => line.split(" ")[1] === memory);
  const { bavail, bsize } = statfsSync(memory);
  return mount === undefined || mount.includes("noexec") || bavail * bsize < 2 ** 30 ? {} : { TMPDIR: memory };
}

// The script of a host under a real shell, beside a docker of files: it starts some hundred processes a run.
const host = {
  test: {
    name: "host",
    include: ["test/host/**/*.test.ts"],
    testTimeout: 60_000,
    env: temporaryFolder(),
  },
};

// One file at a time: they share the engine and two cores.
const e2e = {
  test: {
    name: "e2e",
    include: ["test/e2e/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
};

export default defineConfig({
  test: {
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    // Most of them wait for real processes and sockets rather than compute: more workers than cores.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: "fast",
          include: mutating ? ["test/{lib,fakes}/**/*.test.ts"] : ["test/{lib,contract,fakes}/**/*.test.ts"],
          exclude: mutating ? ["test/lib/faults/**"] : [],
          // Ends what hangs, and judges nothing: on a busy machine a test may take ten times as long.
          testTimeout: 120_000,
          // No module is mocked, so that the files of a worker can share what they import.
          isolate: false,
          env: temporaryFolder(),
        },
      },
      ...(mutating ? [] : [host, e2e]),
    ],
  },
});

import { defineConfig } from "vitest/config";

// Set by .ci/run, which counts the tests from this report.
const report = process.env["VITEST_REPORT"];

export default defineConfig({
  test: {
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    // Most of them wait for real processes and sockets rather than compute: more workers than cores.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/{lib,contract,fakes}/**/*.test.ts"],
          testTimeout: 20_000,
          // No module is mocked, so that the files of a worker can share what they import.
          isolate: false,
        },
      },
      // One file at a time: they share the engine and two cores.
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

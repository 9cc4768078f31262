import { expect, test } from "vitest";
import { test as runSuites, type TestPorts } from "../../../../src/lib/actions/test/run.ts";

const revision = "a".repeat(40);

/** Nothing else is asked of docker: the rest is missing. */
const ports = (files: readonly string[]) =>
  ({
    config: {
      app: "shop",
      root: "/r",
      file: "/r/threads.yml",
      test: { compose: ["/r/test.yml"], service: "web-test", timeoutMs: 1 },
    },
    compose: { openModel: () => Promise.resolve({ services: { "web-test": { build: "." } } }) },
    source: {
      head: () => Promise.resolve({ revision, tree: "t", dirty: [] }),
      changedSince: () => Promise.resolve({ from: revision, files }),
    },
    progress: { note: () => undefined, warn: () => undefined },
    signal: new AbortController().signal,
  }) as unknown as TestPorts;

const since = (files: readonly string[], dryRun: boolean) =>
  runSuites({ args: ["-k", "a"], changedSince: "dev", dryRun }, ports(files));

test("suites of which nothing has changed are not run, and what runs them is told", async () => {
  const unchanged = { outcome: "unchanged", since: { name: "dev", changed: [] }, next: ["threads test -- -k a"] };
  expect(await since([], false)).toMatchObject(unchanged);
  expect(await since([], true)).toMatchObject(unchanged);
});

test("where something has changed they would be run", async () => {
  expect(await since(["app.py"], true)).toMatchObject({ outcome: "planned", since: { changed: ["app.py"] } });
});

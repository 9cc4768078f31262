import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import type { Processes } from "../../../src/lib/process/processes.ts";
import { githubApi } from "../../../src/lib/source/github-api.ts";
import { githubDeployments } from "../../../src/lib/source/github-deployments.ts";

const root = mkdtempSync(join(tmpdir(), "threads-hanging-"));
afterAll(() => rmSync(root, { recursive: true }));

/** One that does not answer for longer than any test may take stands where `git` or `gh` would. */
const hanging = join(root, "hanging");
writeFileSync(hanging, "#!/bin/sh\nexec sleep 300\n", { mode: 0o755 });
const running: Promise<unknown>[] = [];
const processes: Processes = {
  run: (_command, options) => {
    const run = systemProcesses.run({ file: hanging, args: [] }, options);
    running.push(run.catch(() => undefined));
    return run;
  },
};

const programs = [
  ["gh", { GITHUB_REPOSITORY: "acme/shop", GITHUB_API_URL: "http://127.0.0.1:9" }],
  ["git", { GITHUB_REPOSITORY: "", GITHUB_API_URL: "http://127.0.0.1:9" }],
] as const;

test.each(programs)("a %s that hangs is gone when the work is over: nothing keeps the process", async (_, env) => {
  const detach = new AbortController();
  const clock = { sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(0, signal) };
  const end = githubDeployments({ env, processes, root, clock, detach: detach.signal }).begin({
    app: "shop",
    environment: "prod",
    number: 1,
    revision: "a".repeat(40),
    bundle: "sha256:b",
    description: "deployment 1",
    environmentUrl: undefined,
    logUrl: undefined,
  });
  expect(await end({ state: "success", description: "it is" })).toMatchObject({ deployment: null });
  await Promise.all(running);
});

test.each(programs)("a %s that hangs ends by itself after its time", async (_, env) => {
  const { signal } = new AbortController();
  const api = await githubApi({ env, processes, root, signal }, 50);
  expect(api?.isSignedIn ?? false).toBe(false);
});

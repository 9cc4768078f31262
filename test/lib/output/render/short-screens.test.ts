import { PassThrough } from "node:stream";
import { text as read } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { CompletionInstalled } from "../../../../src/lib/actions/completion/result.ts";
import type { ExecResult } from "../../../../src/lib/actions/exec/result.ts";
import type { LockResult } from "../../../../src/lib/actions/lock/result.ts";
import type { LogsResult } from "../../../../src/lib/actions/logs/result.ts";
import type { OpenResult } from "../../../../src/lib/actions/open/run.ts";
import type { TestResult } from "../../../../src/lib/actions/test/result.ts";
import { writeLogsEnd } from "../../../../src/lib/output/log-lines.ts";
import type { Render } from "../../../../src/lib/output/paint.ts";
import { renderCompletion } from "../../../../src/lib/output/render/completion.ts";
import { renderExec, writeExec } from "../../../../src/lib/output/render/exec.ts";
import { renderLock } from "../../../../src/lib/output/render/lock.ts";
import { renderOpen } from "../../../../src/lib/output/render/open.ts";
import { renderSandboxDown } from "../../../../src/lib/output/render/sandbox-down.ts";
import { renderSandboxEnv } from "../../../../src/lib/output/render/sandbox-env.ts";
import { renderTest } from "../../../../src/lib/output/render/test.ts";
import { withoutSymbols } from "../../../../src/lib/output/symbols.ts";
import type { Terminal } from "../../../../src/lib/output/terminal.ts";
import type { DownResult } from "../../../../src/lib/sandbox/down.ts";
import { mayRunOver, printed } from "./printed.ts";

// The screens of commands that say little, at 80 columns and in a pipe; screens.test.ts and widths.test.ts have the others.

const revision = "94e6079ac460".padEnd(40, "0");
const quiet = { next: [], advice: [] };

const passed: TestResult = {
  outcome: "passed",
  service: "web-test",
  compose: ["backend/docker-compose-test.yml"],
  revision: `${revision}-dirty`,
  tree: revision,
  dirty: true,
  args: ["-k", "timeline"],
  reports: null,
  since: null,
  tests: null,
  durations: { buildMs: 1_530, suitesMs: 75_200, downMs: 2_040 },
  leftovers: ["network threads-test-3f9c2ab1_default"],
  ...quiet,
};

const { tests: _, durations: __, leftovers: ___, ...plan } = passed;
const unchanged: TestResult = {
  ...plan,
  outcome: "unchanged",
  since: { name: "origin/development", from: revision, changed: [] },
  next: ["threads test -- -k timeline"],
};

const dead: LockResult = {
  outcome: "dead",
  environment: "prod",
  lease: {
    number: 12,
    kind: "deploy",
    revision,
    by: { user: "augusta-ada", host: "continuous-integration-7", runUrl: null, principal: null },
    state: "dead",
    step: "Deploy 94e6079ac460 on production-web-2 (i-0fedcba9876543210): the host is at work",
    heldAt: "2026-11-27T20:47:26.000Z",
    beatAt: "2026-11-27T20:58:59.000Z",
    quietMs: 61_000,
    nonce: "3f9c2ab1",
  },
  next: ["threads status -e prod", "threads lock -e prod --break 12"],
  advice: [],
};
const free: LockResult = { outcome: "free", environment: "prod", lease: null, ...quiet };

const two: OpenResult = {
  outcome: "printed",
  environment: "prod",
  urls: ["prod-1", "prod-2"].map((host, index) => ({ url: `http://127.0.0.1:2392${index}`, host })),
  next: [],
  advice: ["no browser could be started on this machine"],
};

const planned: ExecResult = {
  outcome: "planned",
  environment: "prod",
  host: { id: "i-0123456789abcdef0", name: "production-web-1" },
  service: "web",
  container: "threads-blue-web-1",
  command: ["python3", "manage.py", "shell", "-c", "print('a blank')"],
  timeoutMs: 600_000,
  exitCode: null,
  stdout: null,
  stderr: null,
  stdoutBytes: null,
  stderrBytes: null,
  recorded: false,
  next: ["threads exec -e prod web -- python3 manage.py shell"],
  advice: [],
};
const failed: ExecResult = {
  ...planned,
  outcome: "failed",
  exitCode: 7,
  stdout: "half of it\n",
  stderr: "and then nothing",
  stdoutBytes: 11,
  stderrBytes: 16,
  recorded: true,
  ...quiet,
};

const partly: LogsResult = {
  outcome: "partly-read",
  environment: "prod",
  services: ["web"],
  deployment: null,
  hosts: [
    { id: "i-1", name: "prod-1", verdict: "read", left: 1_200, says: "" },
    { id: "i-2", name: "prod-2", verdict: "unread", left: null, says: "offline: SSM has lost the connection" },
  ],
  lines: null,
  next: ["threads status -e prod"],
  advice: ["… 1,200 lines more on prod-1: --since, --grep or --tail narrow it"],
};

const down: DownResult = {
  outcome: "stopped",
  id: "9068de02",
  removed: { containers: 5, networks: 1, volumes: 0, images: 0 },
  kept: 8,
  ...quiet,
};
const wouldBeDown: DownResult = { ...down, outcome: "planned", next: ["threads sandbox down"] };

const installed: CompletionInstalled = {
  outcome: "installed",
  shell: "bash",
  path: "/home/augusta-ada/.local/share/bash-completion/completions/threads",
  next: ["exec bash"],
  advice: [],
};

const environment = {
  variables: { AWS_ENDPOINT_URL: "http://127.0.0.1:23920", ECR_REPO: "127.0.0.1:23920/shop/" },
  unset: ["AWS_PROFILE"],
};

const screen = <T>(name: string, result: T, render: Render<T>) =>
  [name, (columns?: number) => printed(result, render, columns)] as const;

/** What a command writes by itself, both streams in the order of a person's screen. */
const written =
  (write: (terminal: Terminal) => void | Promise<void>) =>
  async (columns?: number): Promise<string> => {
    const out = new PassThrough();
    const widths = { columns, columnsErr: columns };
    const plain = { live: false, symbols: (line: string) => line, github: false, colourOut: false, colourErr: false };
    await write({ ...widths, ...plain, out, err: out });
    out.end();
    return read(out);
  };

const screens = [
  screen("test", passed, renderTest),
  screen("test --changed-since, where nothing has", unchanged, renderTest),
  screen("lock, of a deployer who is gone", dead, renderLock),
  screen("lock, where nobody is", free, renderLock),
  screen("open", two, renderOpen),
  screen("exec --dry-run", planned, renderExec),
  ["exec, of a command that failed", written((terminal) => writeExec(failed, terminal))] as const,
  ["logs, under its lines", written((terminal) => writeLogsEnd(partly, terminal))] as const,
  screen("sandbox down", down, renderSandboxDown),
  screen("sandbox down --dry-run", wouldBeDown, renderSandboxDown),
  screen("sandbox env", environment, renderSandboxEnv("sh")),
  screen("completion install", installed, renderCompletion),
];

describe.each(screens)("%s", (_name, show) => {
  test("fits 80 columns", async () => {
    const shown = await show(80);
    const tooWide = shown.split("\n").filter((line) => line.length > 80 && !mayRunOver.test(line));
    expect(tooWide).toEqual([]);
    expect(shown).toMatchSnapshot();
  });

  test("has no line broken in a pipe, and a form in ASCII", async () => {
    const shown = await show();
    expect(shown.split("\n").length).toBeLessThanOrEqual((await show(60)).split("\n").length);
    expect(withoutSymbols(shown)).toMatch(/^[\n -~]*$/);
  });
});

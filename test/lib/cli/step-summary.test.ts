import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { summariseFailure, summariseResult } from "../../../src/lib/cli/step-summary.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { describeTerminal } from "../../../src/lib/output/terminal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "step-summary-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const failure = new ThreadsError("DIRTY_TREE", { message: "no", next: ["git status"] });
const result = {
  outcome: "passed",
  service: "web",
  revision: "a",
  durations: { buildMs: 1, suitesMs: 2 },
  next: [],
  advice: [],
};

async function told(file: string | undefined, command = "publish"): Promise<string> {
  const err = new PassThrough();
  await summariseFailure(command, failure, { err, stepSummary: file });
  return String(err.read() ?? "");
}

it("is added to what the step has said already", async () => {
  const file = join(folder, "summary.md");
  writeFileSync(file, "before\n");
  expect(await told(file)).toBe("");
  await summariseResult("test", result, { err: new PassThrough(), stepSummary: file });
  expect(readFileSync(file, "utf8")).toMatch(/^before\n### ✖ .*`DIRTY_TREE`[^]*\n\n### `threads test`: ✔ /);
});

it("is a warning where it cannot be written, and never more", async () => {
  const full = join(folder, "full.md");
  writeFileSync(full, "x".repeat(1024 * 1024));
  mkdirSync(join(folder, "is-a-folder"));
  const warning = "::warning::the summary of this step was not written: ";
  expect(await told(full)).toBe(`${warning}this step has said too much already\n`);
  expect(await told(join(folder, "is-a-folder"))).toBe(`${warning}it is no file\n`);
  expect(await told(join(folder, "nowhere", "summary.md"))).toContain(`${warning}ENOENT`);
  await summariseResult("deploy", {}, { err: new PassThrough(), stepSummary: full });
});

it("leaves the steps after it what the command has come to, and warns where it cannot", async () => {
  const [file, err] = [join(folder, "output"), new PassThrough()];
  writeFileSync(file, "before=1\n");
  await summariseResult("test", result, { err, stepOutput: file });
  expect(readFileSync(file, "utf8")).toBe("before=1\noutcome=passed\nrelease=a\n");
  expect(String(err.read() ?? "")).toBe("");
  await summariseResult("test", result, { err, stepOutput: join(folder, "nowhere", "output") });
  expect(String(err.read())).toContain("::warning::the outputs of this step were not written: ENOENT");
});

it("tells of the commands of a workflow only", async () => {
  const file = join(folder, "summary.md");
  await told(file, "status");
  expect(() => readFileSync(file)).toThrow("ENOENT");
});

it("is written in a job of GitHub Actions only", () => {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const of = (env: Record<string, string>) => describeTerminal(streams, env).stepSummary;
  expect(of({ GITHUB_STEP_SUMMARY: "/s", GITHUB_ACTIONS: "true" })).toBe("/s");
  expect(of({ GITHUB_STEP_SUMMARY: "", GITHUB_ACTIONS: "true" })).toBeUndefined();
  expect(of({ GITHUB_STEP_SUMMARY: "/s" })).toBeUndefined();
  const outputOf = (env: Record<string, string>) => describeTerminal(streams, env).stepOutput;
  expect(outputOf({ GITHUB_OUTPUT: "/o", GITHUB_ACTIONS: "true" })).toBe("/o");
  expect(outputOf({ GITHUB_OUTPUT: "/o" })).toBeUndefined();
});

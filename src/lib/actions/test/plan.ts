import { relative } from "node:path";
import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { commandText } from "../../process/processes.ts";
import { builtRevision, type SourceFacts } from "../../stack/plan.ts";
import type { Since, TestPlan } from "./result.ts";

export type TestConfig = NonNullable<Config["test"]>;

/** The suites as threads.yml has them. @throws ThreadsError usage NO_SUITES */
export function suitesOf({ test }: Pick<Config, "test">): TestConfig {
  if (test !== undefined) return test;
  throw new ThreadsError("NO_SUITES", {
    message: "threads.yml names no suites: it has no `test`",
    next: ["threads smoke"],
    advice: [
      "write `test: { compose: FILE, service: NAME }` into threads.yml; `command` where the service has another",
    ],
  });
}

/** @throws ThreadsError usage NO_REPORTS where threads.yml does not say where the suites leave them */
export function requireReports({ reports }: TestConfig): void {
  if (reports !== undefined) return;
  throw new ThreadsError("NO_REPORTS", {
    message: "threads.yml does not say where the suites leave their reports: its `test` has no `reports`",
    next: ["threads test"],
    advice: [
      "write `reports: /tmp/reports` under `test`, and let the suites write there (pytest --junitxml=/tmp/reports/junit.xml)",
    ],
  });
}

/** Pure: what `threads test` will run. */
export function planTest(
  { root, test }: { readonly root: string; readonly test: TestConfig },
  facts: SourceFacts,
  {
    args,
    reports,
    since = null,
  }: { readonly args: readonly string[]; readonly reports?: string | undefined; readonly since?: Since | null },
): TestPlan {
  return {
    service: test.service,
    compose: test.compose.map((file) => relative(root, file)),
    revision: builtRevision(facts),
    dirty: facts.dirty.length > 0,
    tree: facts.tree,
    args,
    reports: reports ?? null,
    since,
  };
}

/** What is run in the service: none for its own command, which finds the arguments in TEST_ARGS. */
export function commandOf({ command }: TestConfig, args: readonly string[]): readonly string[] {
  if (command === undefined) return [];
  // "$@" hands the arguments on as they are; the word after it is the shell's own name.
  return typeof command === "string" ? ["sh", "-c", `${command} "$@"`, "sh", ...args] : [...command, ...args];
}

/** TEST_ARGS: words quoted as a shell reads them, which is how pytest reads PYTEST_ADDOPTS. */
export function testArgs(args: readonly string[]): string {
  const [file, ...rest] = args;
  return file === undefined ? "" : commandText({ file, args: rest });
}

/** The command that runs the suites, whatever has changed. */
export function sameAgain({ args, reports }: Pick<TestPlan, "args" | "reports">): string {
  const flags = reports === null ? [] : ["--reports", reports];
  const behind = args.length === 0 ? [] : ["--", ...args];
  return commandText({ file: "threads", args: ["test", ...flags, ...behind] });
}

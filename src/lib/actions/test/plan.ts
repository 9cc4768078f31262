import { relative } from "node:path";
import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { commandText } from "../../process/processes.ts";
import { builtRevision, type SourceFacts } from "../../stack/plan.ts";
import type { TestPlan } from "./result.ts";

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

/** Pure: what `threads test` will run. */
export function planTest(
  { root, test }: { readonly root: string; readonly test: TestConfig },
  facts: SourceFacts,
  args: readonly string[],
): TestPlan {
  return {
    service: test.service,
    compose: test.compose.map((file) => relative(root, file)),
    revision: builtRevision(facts),
    dirty: facts.dirty.length > 0,
    tree: facts.tree,
    args,
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

/** The command that shows the same again. */
export function sameAgain(args: readonly string[]): string {
  return args.length === 0 ? "threads test" : `threads test -- ${testArgs(args)}`;
}

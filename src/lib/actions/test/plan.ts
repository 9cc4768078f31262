import { relative } from "node:path";
import type { Config } from "../../config/config.ts";
import { commandText } from "../../process/processes.ts";
import { builtRevision, type SourceFacts } from "../../stack/plan.ts";
import type { TestPlan } from "./result.ts";

/** Pure: what `threads test` will run. */
export function planTest(config: Pick<Config, "root" | "test">, facts: SourceFacts, args: readonly string[]): TestPlan {
  return {
    service: config.test.service,
    compose: relative(config.root, config.test.compose),
    revision: builtRevision(facts),
    dirty: facts.dirty.length > 0,
    args,
  };
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

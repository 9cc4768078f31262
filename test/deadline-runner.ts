// When no test is begun any more, in milliseconds since the epoch, is set by bin/test.js for .ci/run, which names what was left.
import { type RunnerTestCase, type RunnerTestSuite, TestRunner } from "vitest";

/** Ends a run in time: what has begun ends as it does, and what has not is skipped. */
export default class DeadlineRunner extends TestRunner {
  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    if (this.#isOver()) test.mode = "skip";
    await super.onBeforeRunTask(test);
  }

  override async onBeforeRunSuite(suite: RunnerTestSuite): Promise<void> {
    // One of the longest that has begun goes on until the time of all is up.
    if (this.#isOver() || ("filepath" in suite && this.#isTooLateForLong())) suite.mode = "skip";
    await super.onBeforeRunSuite(suite);
  }

  #isOver(): boolean {
    return Date.now() >= Number(process.env["TEST_UNTIL"] ?? Infinity);
  }

  #isTooLateForLong(): boolean {
    return this.config.name === "long" && Date.now() >= Number(process.env["TEST_LONG_UNTIL"] ?? Infinity);
  }
}

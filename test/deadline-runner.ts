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
    if (this.#isOver() || ("filepath" in suite && this.#isTooLateForLong())) skip(suite);
    await super.onBeforeRunSuite(suite);
  }

  #isOver(): boolean {
    return Date.now() >= Number(process.env["TEST_UNTIL"] ?? Infinity);
  }

  #isTooLateForLong(): boolean {
    return this.config.name === "long" && Date.now() >= Number(process.env["TEST_LONG_UNTIL"] ?? Infinity);
  }
}

/** With all that is in it, so that the report has each of its tests. */
function skip(suite: RunnerTestSuite): void {
  suite.mode = "skip";
  for (const task of suite.tasks)
    if (task.type === "suite") skip(task);
    else task.mode = "skip";
}

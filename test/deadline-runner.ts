import { type RunnerTestCase, type RunnerTestSuite, TestRunner } from "vitest";

/** When nothing more is begun: set by bin/test.js for .ci/run, which names what was left. Milliseconds since the epoch. */
const until = Number(process.env["TEST_UNTIL"]);

/** Ends a run in time: what has begun ends as it does, and what has not is skipped. */
export default class DeadlineRunner extends TestRunner {
  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    if (Date.now() >= until) test.mode = "skip";
    await super.onBeforeRunTask(test);
  }

  override async onBeforeRunSuite(suite: RunnerTestSuite): Promise<void> {
    if (Date.now() >= until) skip(suite);
    await super.onBeforeRunSuite(suite);
  }
}

/** With all that is in it, so that the report has each of its tests. */
function skip(suite: RunnerTestSuite): void {
  suite.mode = "skip";
  for (const task of suite.tasks)
    if (task.type === "suite") skip(task);
    else task.mode = "skip";
}

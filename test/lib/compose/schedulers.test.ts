import { describe, expect, test } from "vitest";
import { sentence } from "../../../src/lib/compose/problem.ts";
import { schedulerProblems } from "../../../src/lib/compose/schedulers.ts";

const problems = (worker: object, singletons: readonly string[] = []): string[] =>
  schedulerProblems({ worker }, singletons).map(sentence);

describe("a scheduler inside of a worker", () => {
  test.each([
    [["celery", "-A", "app", "worker", "-l", "INFO", "-B"]],
    [["/opt/venv/bin/celery", "--app=app", "worker", "--beat"]],
    ["celery -A app worker -B --concurrency 4"],
    [["sh", "-c", "exec celery -A app worker -B"]],
  ])("would run once a slot and once a host: %j", (command) => {
    expect(problems({ command })).toEqual([
      expect.stringMatching(
        /^worker runs a scheduler inside of a worker \(celery -B\).*list that in runtime\.singletons/,
      ),
    ]);
    expect(problems({ command }, ["worker"])).toEqual([]);
  });

  test.each([
    [["celery", "-A", "app", "worker", "-l", "INFO"]],
    [["celery", "-A", "app", "beat"]],
    [["mysqldump", "-B", "worker"]],
    [["sort", "worker", "-B"]],
    [undefined],
    [null],
  ])("is not what %j is", (command) => {
    expect(problems(command === undefined ? {} : { command })).toEqual([]);
  });
});

test("a singleton of which the file wants several is none", () => {
  const says = ["worker has 2 replicas, but runtime.singletons in threads.yml wants one of it"];
  expect(problems({ deploy: { replicas: 2 } }, ["worker"])).toEqual(says);
  expect(problems({ scale: "2" }, ["worker"])).toEqual(says);
  expect(problems({ scale: 1 }, ["worker"])).toEqual([]);
  expect(problems({ scale: "${BEATS:-1}" }, ["worker"])).toEqual([]);
  expect(problems({ deploy: { replicas: 2 } })).toEqual([]);
});

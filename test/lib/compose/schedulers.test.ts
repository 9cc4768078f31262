import { describe, expect, test } from "vitest";
import { sentence } from "../../../src/lib/compose/problem.ts";
import { runsScheduler, schedulerProblems } from "../../../src/lib/compose/schedulers.ts";

const problems = (worker: object, singletons: readonly string[] = []): string[] =>
  schedulerProblems({ worker }, singletons).map(sentence);

describe("a scheduler inside of a worker", () => {
  test.each([
    [["celery", "-A", "app", "worker", "-l", "INFO", "-B"]],
    [["/opt/venv/bin/celery", "--app=app", "worker", "--beat"]],
    ["celery -A app worker -B --concurrency 4"],
    [["sh", "-c", "exec celery -A app worker -B"]],
    [["celery", "-A", "app", "worker", "-EB"]],
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
    [["celery", "-A", "beat", "worker"]],
    [["celery", "-A", "app", "worker", "-Q", "beat"]],
    [["ls", "beat"]],
    [["beat", "celery"]],
    [["mysqldump", "-B", "worker"]],
    [["sort", "worker", "-B"]],
    [undefined],
    [null],
  ])("is not what %j is", (command) => {
    expect(problems(command === undefined ? {} : { command })).toEqual([]);
  });
});

describe("a scheduler of its own", () => {
  test.each([
    [["celery", "-A", "app", "beat"]],
    [["/opt/venv/bin/celery", "--app=app", "beat", "-l", "INFO"]],
    [["celery", "-q", "beat"]],
    ["python -m celery -A app beat --pidfile="],
  ])("is one an environment only where threads.yml says so: %j", (command) => {
    expect(problems({ command })).toEqual([
      "worker runs a scheduler (celery beat), of which both slots and every host would have one: list it in runtime.singletons of threads.yml",
    ]);
    expect(problems({ command }, ["worker"])).toEqual([]);
  });
});

test.each([
  ["celery -A app beat -S redbeat.RedBeatScheduler"],
  [["celery", "-A", "app", "beat", "--scheduler=redbeat:RedBeatScheduler"]],
  ["single-beat celery -A app beat"],
  ["celery -A app worker -B -S redbeat.RedBeatScheduler"],
])("one that holds a lock is at work once, wherever it runs: %j", (command) => {
  expect(problems({ command })).toEqual([]);
});

test("what is switched off runs no scheduler", () => {
  expect(problems({ command: "celery beat", scale: 0 })).toEqual([]);
  expect(problems({ command: "celery worker -B", deploy: { replicas: 0 } })).toEqual([]);
});

test.each([
  [{ entrypoint: ["celery", "-A", "app"], command: ["worker", "-B"] }],
  [{ entrypoint: "celery -A app worker --beat", command: null }],
])("so it is where the entrypoint says a part of it: %j", (service) => {
  expect(problems(service)).toEqual([expect.stringMatching(/^worker runs a scheduler inside of a worker /)]);
});

test("what an image runs by itself counts as far as the service leaves it to the image", () => {
  const image = { entrypoint: ["celery", "-A", "app"], command: ["worker", "-B"] };
  expect(runsScheduler({}, image)).toContain("celery -B");
  expect(runsScheduler({ command: null, entrypoint: null }, image)).toContain("celery -B");
  expect(runsScheduler({ command: ["beat"] }, image)).toContain("celery beat");
  expect(runsScheduler({ command: ["worker"] }, image)).toBeUndefined();
  expect(runsScheduler({ command: ["worker", "--beat"] }, image)).toContain("celery -B");
  // Docker takes the image's command away with its entrypoint.
  expect(runsScheduler({ entrypoint: ["celery"] }, image)).toBeUndefined();
  expect(runsScheduler({ entrypoint: [], command: ["celery", "worker", "-B"] }, {})).toContain("celery -B");
});

test("a singleton of which the file wants several is none", () => {
  const says = ["worker has 2 replicas, but runtime.singletons in threads.yml wants one of it"];
  expect(problems({ deploy: { replicas: 2 } }, ["worker"])).toEqual(says);
  expect(problems({ scale: "2" }, ["worker"])).toEqual(says);
  expect(problems({ scale: 1 }, ["worker"])).toEqual([]);
  expect(problems({ scale: "${BEATS:-1}" }, ["worker"])).toEqual([]);
  expect(problems({ deploy: { replicas: 2 } })).toEqual([]);
});

import { expect, test } from "vitest";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { rolloutRenderer } from "../../../../src/lib/output/render/rollout.ts";

const done: RolloutResult = {
  outcome: "deployed",
  kind: "deploy",
  environment: "prod",
  number: 12,
  release: {
    revision: "b".repeat(40),
    tree: "c".repeat(40),
    bundle: `sha256:${"d".repeat(64)}` as const,
    images: { web: `sha256:${"e".repeat(64)}` as const },
  },
  hosts: [
    { id: "i-1", name: "prod-1", url: null, before: "a".repeat(40), state: "new", traffic: null, tasks: null },
    { id: "i-2", name: "i-2", url: null, before: null, state: "new", traffic: null, tasks: null },
  ],
  leftOut: [],
  rounds: [],
  observeMs: 0,
  weights: null,
  weighed: [],
  continues: null,
  noReturn: [],
  steps: ["prod-1 (i-1): pull bbbbbbbbbbbb, switch"],
  ships: null,
  rollbackOf: null,
  holds: false,
  liftsHold: null,
  migrations: null,
  environmentMade: null,
  environmentSince: null,
  github: null,
  staying: [],
  undo: "threads rollback -e prod",
  tookMs: 31_000,
  timings: [],
  next: [],
  advice: [],
};
const deploy = `threads deploy -e prod ${done.release.revision}`;
const text = (change: Partial<RolloutResult>): string =>
  rolloutRenderer({})({ ...done, ...change }, plainPaint).join("\n");

test("a deployment says what runs where, and ends with the command that undoes it", () => {
  expect(text({})).toBe(`prod runs bbbbbbbbbbbb on 2 hosts sha256:dddddddddddd
  prod-1  i-1  was aaaaaaaaaaaa
  i-2          nothing before
deployment 12, 31 s
undo: threads rollback -e prod`);
});

test("what GitHub shows of it is told by its number there; where it was not told, the warning says so", () => {
  expect(text({ github: { deployment: 4_711, ended: true, says: "" } })).toContain(
    "deployment 12, 31 s, 4711 on GitHub",
  );
  expect(text({ github: { deployment: null, ended: false, says: "HTTP 403" } })).toContain("deployment 12, 31 s\n");
});

test("where it goes from here is the last line", () => {
  const promote = `threads promote ${done.release.revision} -e asia`;
  expect(
    text({ next: [promote] })
      .split("\n")
      .slice(-2),
  ).toEqual(["undo: threads rollback -e prod", `next: ${promote}`]);
});

test("an environment whose address is known says it, before the command that undoes it", () => {
  const print = rolloutRenderer({ prod: "https://shop.example", staging: "https://other.example" });
  expect(print(done, plainPaint).slice(-3)).toEqual([
    "deployment 12, 31 s",
    "prod answers at https://shop.example",
    "undo: threads rollback -e prod",
  ]);
  expect(print({ ...done, outcome: "already-running" }, plainPaint).at(-1)).toBe(
    "prod answers at https://shop.example",
  );
  expect(print({ ...done, outcome: "planned" }, plainPaint).join("\n")).not.toContain("answers at");
});

const waits = { longestGapMs: null, p99BeforeMs: null, p99AfterMs: null };
const traffic = (requests: number, failed: number, more = {}) => ({ requests, failed, ...waits, ...more });

test("how long people waited is told of the host that was worst off, as far as anybody asked", () => {
  const [one, other] = done.hosts;
  const lines = (first: object, second: object): string[] => {
    const seen = text({
      hosts: [
        { ...one!, traffic: traffic(9, 0, first) },
        { ...other!, traffic: traffic(9, 0, second) },
      ],
    });
    return seen.split("\n").filter((line) => line.includes("wait"));
  };
  expect(lines({ longestGapMs: 40, p99BeforeMs: 30, p99AfterMs: 1200 }, { longestGapMs: 90, p99BeforeMs: 7 })).toEqual([
    "  longest wait without an answer 90 ms · p99 30 ms before, 1.2 s after",
  ]);
  expect(lines({ longestGapMs: 40 }, {})).toEqual(["  longest wait without an answer 40 ms"]);
  expect(lines({}, {})).toEqual([]);
});

test("what the time went to: steps that are worth reading, beside their usual time where that differs", () => {
  const timings = [
    { step: "preflight", tookMs: 120, usualMs: 130 },
    { step: "pull", tookMs: 2100, usualMs: null },
    { step: "migrate", tookMs: 100, usualMs: 4000 },
    { step: "switch", tookMs: 9000, usualMs: 3000 },
    { step: "retire", tookMs: 1200, usualMs: 1600 },
  ];
  expect(text({ timings })).toContain(
    "\n  pull 2.1 s · migrate 0.1 s (usually 4.0 s) · switch 9.0 s (usually 3.0 s) · retire 1.2 s\n",
  );
});

test("what edges have counted is one line, over all hosts that have one", () => {
  const [one, other] = done.hosts;
  const counted = (failed: number) => [
    { ...one!, traffic: traffic(1200, failed) },
    { ...other!, traffic: null },
    { ...other!, traffic: traffic(30, 0) },
  ];
  expect(text({ hosts: counted(0) })).toContain("\n1230 requests meanwhile, 0 failed\n");
  expect(text({ hosts: counted(2) })).toContain("\n1230 requests meanwhile, 2 failed\n");
});

test("what became of tasks is one line, over all hosts whose workers tell it; nothing where none does", () => {
  const [one, other] = done.hosts;
  const told = (lost: number): string =>
    text({
      hosts: [
        { ...one!, tasks: { finished: 1, lost } },
        { ...other!, tasks: null },
        { ...other!, tasks: { finished: 2, lost: 0 } },
      ],
    });
  expect(told(0)).toContain("\n3 tasks finished while the workers ended, 0 lost\n");
  expect(told(4)).toContain("\n3 tasks finished while the workers ended, 4 lost\n");
  expect(text({})).not.toContain("task");
});

test("hosts that a rollback went on without are told, with what is due to them", () => {
  const leftOut = [{ id: "i-3", name: "prod-3", why: "offline: SSM has lost the connection" }];
  const advice = ["prod-3 (i-3) runs what was there before; once it is back: x"];
  expect(text({ kind: "rollback", leftOut, advice })).toContain(
    "\n  prod-3 (i-3) is left out: offline: SSM has lost the connection\n  prod-3 (i-3) runs what was there before; once it is back: x\n",
  );
  expect(text({ kind: "rollback", outcome: "planned", leftOut, advice: [] })).toContain("prod-3 (i-3) is left out");
});

test("a rollback", () => {
  const undo = `threads deploy -e prod ${"f".repeat(40)}`;
  expect(text({ kind: "rollback", undo })).toContain("prod is back on bbbbbbbbbbbb on 2 hosts");
  expect(text({ kind: "rollback", undo })).toContain(`undo: ${undo}`);
});

test("nothing to do", () => {
  expect(text({ outcome: "already-running", undo: null, next: [`${deploy} --force`] }))
    .toBe(`prod already runs bbbbbbbbbbbb on 2 hosts sha256:dddddddddddd
nothing was changed
again: ${deploy} --force`);
});

test("a plan of a deployment says what it brings, as the plan of a promotion does", () => {
  const from = { revision: "a".repeat(40), number: 11 };
  const ships = { from, commits: 1, log: ["1111111 Add likes"], dropped: 0, unknown: null };
  expect(text({ outcome: "planned", ships: { ...ships, migrations: ["posts/migrations/0002_likes.py"] } })).toContain(
    `  ships 1 commit since aaaaaaaaaaaa, which runs there (deployment 11)
    1111111 Add likes
  adds 1 migration
    posts/migrations/0002_likes.py
Steps:`,
  );
});

test("a plan", () => {
  expect(text({ outcome: "planned", undo: null, next: [deploy] }))
    .toBe(`Would deploy bbbbbbbbbbbb to prod sha256:dddddddddddd
  web  sha256:eeeeeeeeeeee
  prod-1 runs aaaaaaaaaaaa now
  i-2 runs nothing now
Steps:
  prod-1 (i-1): pull bbbbbbbbbbbb, switch
next: ${deploy}`);
});

test("what differs in the environment is told by name, and nothing where nothing differs or nobody knows", () => {
  const since = { changed: ["DATABASE_URL", "SECRET_KEY"], added: ["FEATURE"], removed: ["OLD"] };
  const line = "environment since then: changed DATABASE_URL, SECRET_KEY; added FEATURE; removed OLD";
  for (const outcome of ["deployed", "planned"] as const)
    expect(text({ kind: "rollback", outcome, environmentSince: since })).toContain(`\n  ${line}\n`);
  expect(text({ environmentSince: { ...since, changed: [], removed: [] } })).toContain("since then: added FEATURE\n");
  for (const environmentSince of [{ changed: [], added: [], removed: [] }, null])
    expect(text({ environmentSince })).not.toContain("environment since then");
});

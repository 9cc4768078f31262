import { expect, test } from "vitest";
import { report } from "../../../../src/lib/actions/report/run.ts";
import { aboutOf, trainOf } from "../../../../src/lib/actions/report/train.ts";
import type { Phase } from "../../../../src/lib/runs/stored-runs.ts";
import { aRun, revision, storedAs } from "./stored.ts";

const [a, b] = [revision("a"), revision("b")];
const of = (one: string) => ({ ended: { result: { outcome: "passed", revision: one } } });
const folder = "/runs";

test("a run is about the release that it came to, that was typed, or that was checked out", () => {
  expect(aboutOf(aRun("publish", of(a)))).toBe(a);
  expect(aboutOf(aRun("deploy", { ended: { result: { release: { revision: a } } }, head: b }))).toBe(a);
  const failed = { ended: { exitCode: 5, result: { outcome: "checks" } }, head: b };
  expect(aboutOf(aRun("deploy", { ...failed, argv: ["-e", "prod", "aaaaaaa"] }))).toBe("aaaaaaa");
  expect(aboutOf(aRun("smoke", failed))).toBe(b);
  // What a rollback was to bring back is not what is checked out.
  expect(aboutOf(aRun("rollback", failed))).toBeUndefined();
  expect(aboutOf(aRun("test", { ended: undefined, head: b }))).toBe(b);
});

test("the train is of the newest run that tells its release, with what failed on its way, and nobody else's", () => {
  const failed = aRun("smoke", { head: a, ended: { exitCode: 5, result: { outcome: "checks", message: "no" } } });
  const deploy = aRun("deploy", { argv: ["aaaaaaaa"], ended: { exitCode: 3, result: { outcome: "refused" } } });
  const all = [aRun("test", of(a)), failed, aRun("smoke", of(b)), aRun("smoke", of(a)), deploy, aRun("freeze")];
  const [test1, , other, passed] = all;
  expect(trainOf(all, undefined)).toEqual({ revision: a, runs: [test1, failed, passed, deploy] });
  expect(trainOf(all, "bbbb")).toEqual({ revision: b, runs: [other] });
  expect(trainOf(all, failed.name)?.runs).toHaveLength(4);
  expect(trainOf(all, deploy.name.slice(-6))?.revision).toBe(a);
  const freeze = all.at(-1)!;
  expect(trainOf(all, freeze.name)).toEqual({ revision: undefined, runs: [freeze] });
  expect(trainOf(all, "cccc")).toBeUndefined();
  expect(trainOf([freeze], undefined)).toBeUndefined();
});

test("usual is the median of earlier ones of the kind that went well, where three of them tell", () => {
  const took = (tookMs: number, exitCode = 0) => ({ ended: { tookMs, exitCode, result: { revision: b } } });
  const to = (environment: string, one: object) => aRun("deploy", { environment, ...one });
  const last = to("prod", of(a));
  const before = [10, 30, 20].map((ms) => to("prod", took(ms)));
  const others = [to("prod", took(9000, 5)), to("staging", took(9000)), to("prod", { ended: undefined })];
  const usual = (runs: typeof before): number | null =>
    report(a, { runs: storedAs([...runs, last, to("prod", took(9000))]), folder }).runs[0]!.usualMs;
  expect(usual([...before, ...others])).toBe(20);
  expect(usual([...before.slice(1), ...others])).toBeNull();
});

test("phases are those of the run, each with its own usual time by the name with which it begins", () => {
  const earlier = [1, 2, 3].map(() => aRun("smoke", of(b)));
  const run = aRun("smoke", of(a));
  const startedAt = new Date(Date.parse(run.begun.startedAt) + 500).toISOString();
  const phase = (tookMs: number, ok = true): Phase => ({ title: "Build", startedAt, tookMs, ok });
  const open: Phase = { title: "Build", startedAt, tookMs: undefined, ok: undefined };
  const phases = new Map([
    ...earlier.map((one, n): [string, Phase[]] => [one.name, [phase((n + 1) * 100), phase(5000, false)]]),
    [run.name, [open]] as const,
  ]);
  const result = report(undefined, { runs: storedAs([...earlier, run], phases), folder });
  expect(result.runs[0]?.phases).toEqual([{ phase: "Build", ok: null, beganMs: 500, tookMs: null, usualMs: 200 }]);
});

test("a failure says what was wrong, and what was killed has no end", () => {
  const failed = aRun("smoke", {
    head: a,
    ended: { exitCode: 5, result: { outcome: "checks", message: "web is unwell" } },
  });
  const killed = aRun("smoke", { head: a, ended: undefined });
  const { runs, revision: none } = report(killed.name, { runs: storedAs([failed, killed]), folder });
  expect(none).toBe(a);
  expect(runs).toMatchObject([
    { outcome: "checks", exitCode: 5, says: "web is unwell" },
    { outcome: null, exitCode: null, says: null, tookMs: null },
  ]);
});

test("nothing is said to be nothing, and what is not there is refused with what is", () => {
  expect(report(undefined, { runs: storedAs([]), folder })).toMatchObject({ outcome: "empty", runs: [] });
  const run = aRun("smoke", of(a));
  expect(() => report("bbbb", { runs: storedAs([run]), folder })).toThrow(
    expect.objectContaining({ code: "UNKNOWN_RUN", next: [`threads report ${run.name}`] }),
  );
  const broken = { ...storedAs([run]), list: () => ({ runs: [run], unread: 2 }) };
  expect(report(undefined, { runs: broken, folder }).advice).toEqual(["2 records in /runs could not be read"]);
});

import { expect, it } from "vitest";
import type { DoctorResult } from "../../../../src/lib/actions/doctor/result.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderDoctor } from "../../../../src/lib/output/render/doctor.ts";

const result: DoctorResult = {
  outcome: "failed",
  observedAt: "2026-11-22T12:00:00.000Z",
  next: [],
  advice: [],
  fixed: [],
  checks: [
    { check: "docker", title: "Docker", state: "ok", says: "engine 26.1.5", details: ["a fact"], next: [], advice: [] },
    {
      check: "git",
      title: "git repository",
      state: "warn",
      says: "shallow",
      details: [],
      next: ["git fetch --unshallow"],
      advice: ["in a workflow, fetch all"],
    },
    {
      check: "hosts",
      title: "hosts of prod",
      state: "fail",
      says: "1 of 2",
      details: ["prod-1: online"],
      next: ["threads status -e prod"],
      advice: [],
    },
  ],
};

it("has a line for each check, and the fix below what is not well", () => {
  expect(renderDoctor(result, plainPaint)).toEqual([
    "✔  Docker          engine 26.1.5",
    "     a fact",
    "!  git repository  shallow",
    "     next: git fetch --unshallow",
    "     in a workflow, fetch all",
    "✖  hosts of prod   1 of 2",
    "     prod-1: online",
    "     next: threads status -e prod",
    "",
    "1 thing is wrong, 1 to look at",
  ]);
});

it("says when nothing is wrong", () => {
  const well = { ...result, outcome: "passed" as const, checks: result.checks.slice(0, 1) };
  expect(renderDoctor(well, plainPaint).at(-1)).toBe("nothing is wrong");
});

it("tells first what was made, or would be", () => {
  const one = { environment: "prod", version: "0".repeat(64), document: "threads-app-prod-deploy" };
  const fixed = [
    { ...one, did: "created" as const, done: true },
    { ...one, did: "updated" as const, done: true },
    { ...one, did: "created" as const, done: false },
    { ...one, did: "updated" as const, done: false },
  ];
  expect(renderDoctor({ ...result, fixed }, plainPaint).slice(0, 6)).toEqual([
    "created the document threads-app-prod-deploy",
    "added a version to the document threads-app-prod-deploy",
    "would create the document threads-app-prod-deploy",
    "would add a version to the document threads-app-prod-deploy",
    "",
    "✔  Docker          engine 26.1.5",
  ]);
});

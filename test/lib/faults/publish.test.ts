import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakEveryCall, faults, type Job, withoutLogin, worst } from "../lib/faults/every-call.ts";
import { promoting, publishing } from "../lib/faults/jobs.ts";
import { type FaultWorld, faultWorld } from "../lib/faults/world.ts";

// In this process and without Docker, but too long for the fast tests: hundreds of releases, each interrupted once.
// Where a tag cannot be moved the registry helps; where it can, or where services share a repository, the worst must do no harm either.
describe.each([
  // With an index one image goes by docker, the other is uploaded by ourselves: all calls of both ways.
  ["publish", { mutability: "IMMUTABLE", indexes: true }, () => publishing, faults],
  ["publish", { mutability: "MUTABLE", indexes: true }, () => publishing, worst],
  ["publish", { mutability: "MUTABLE", layout: "single", indexes: true }, () => publishing, worst],
  ["promote", { mutability: "IMMUTABLE" }, promoting, withoutLogin],
  ["promote", { mutability: "MUTABLE" }, promoting, worst],
  ["promote", { mutability: "MUTABLE", layout: "single" }, promoting, worst],
] as const)("%s (%o), when any one call", (_, how, jobIn, kinds) => {
  let world: FaultWorld;
  let job: Job;
  beforeAll(async () => {
    world = await faultWorld(how);
    job = jobIn(world);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test.each(kinds)("$title: again, and all is well", async (fault) => {
    expect(await breakEveryCall(world, job, fault)).toEqual([]);
  });
});

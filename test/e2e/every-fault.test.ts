import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakEveryCall, faults, type Job, worst } from "../lib/faults/every-call.ts";
import { promoting, publishing } from "../lib/faults/jobs.ts";
import { type FaultWorld, faultWorld } from "../lib/faults/world.ts";

// In this process and without Docker, but too long for the fast tests: hundreds of releases, each interrupted once.
describe.each([
  // With an index one image goes by docker, the other is uploaded by ourselves: all calls of both ways.
  ["publish", "IMMUTABLE", () => publishing, { indexes: true }],
  ["publish", "MUTABLE", () => publishing, { indexes: true }],
  ["promote", "IMMUTABLE", promoting, {}],
  ["promote", "MUTABLE", promoting, {}],
  ["publish, with one for all services,", "MUTABLE", () => publishing, { indexes: true, layout: "single" }],
  ["promote, with one for all services,", "MUTABLE", promoting, { layout: "single" }],
] as const)("%s in %s repositories, when any one call", (_, mutability, jobIn, how) => {
  let world: FaultWorld;
  let job: Job;
  beforeAll(async () => {
    world = await faultWorld({ mutability, ...how });
    job = jobIn(world);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  // Where a tag cannot be moved the registry helps; where it can, the worst must not overwrite either.
  test.each(mutability === "IMMUTABLE" ? faults : worst)("$title: again, and all is well", async (fault) => {
    expect(await breakEveryCall(world, job, fault)).toEqual([]);
  });
});

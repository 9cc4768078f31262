import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakEveryCall, callsOf, type Job, worst } from "./every-call.ts";
import { promoting, publishing } from "./jobs.ts";
import { type FaultWorld, faultWorld } from "./world.ts";

// The other ways in which a call can go wrong take a while: test/e2e/every-fault.test.ts.
describe.each([
  ["publish", "perService", () => publishing],
  ["promote", "perService", promoting],
  ["publish", "single", () => publishing],
] as const)("%s (%s), when any one call", (_, layout, jobIn) => {
  let world: FaultWorld;
  let job: Job;
  beforeAll(async () => {
    world = await faultWorld({ layout });
    job = jobIn(world);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test.each(worst)("$title: again, and all is well", { timeout: 60_000 }, async (fault) => {
    expect(await breakEveryCall(world, job, fault)).toEqual([]);
  });

  test("the calls are those of the log, writes among them, the bundle's tag after the images'", async () => {
    const calls = await callsOf(world, job);
    const writes = calls.filter((call) => call.startsWith("PutImage") || /^PUT .*\/manifests\//.test(call));
    const images = world.config.services.length;
    expect(writes.length).toBeGreaterThan(images);
    expect(writes.map((call) => /[/-]bundle/.test(call)).indexOf(true)).toBe(images);
  });
});

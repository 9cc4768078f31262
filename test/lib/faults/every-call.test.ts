import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakEveryCall, callsOf, type Job, worst } from "./every-call.ts";
import { promoting, publishing } from "./jobs.ts";
import { type FaultWorld, faultWorld } from "./world.ts";

// The other ways in which a call can go wrong, and the other kinds of repositories, take a while: test/e2e/every-fault.test.ts.
describe.each([
  // One image goes by docker, the other is uploaded by ourselves: all calls of both ways.
  ["publish", { indexes: true }, () => publishing],
  ["promote", {}, promoting],
] as const)("%s, when any one call", (_, how, jobIn) => {
  let world: FaultWorld;
  let job: Job;
  beforeAll(async () => {
    world = await faultWorld(how);
    job = jobIn(world);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test.each(worst)("$title: again, and all is well", { timeout: 600_000 }, async (fault) => {
    expect(await breakEveryCall(world, job, fault)).toEqual([]);
  });

  test("the calls are those of the log, writes among them, the bundle's tag after the images'", async () => {
    const calls = await callsOf(world, job);
    const writes = calls.filter((call) => /^PutImage .*:|^PUT .*\/manifests\//.test(call));
    const images = world.config.services.length;
    expect(writes.length).toBeGreaterThan(images);
    expect(writes.map((call) => /[/-]bundle/.test(call)).indexOf(true)).toBe(images);
  });
});

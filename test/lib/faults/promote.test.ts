import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { breakEveryCall, type Job, orderOfTags, withoutLogin, worst } from "./every-call.ts";
import { promoting } from "./jobs.ts";
import { type FaultWorld, faultWorld } from "./world.ts";

// As for publish: some hundred releases, a world a test, in each kind of repositories.
describe.each([
  [{ mutability: "IMMUTABLE" }, withoutLogin],
  [{ mutability: "MUTABLE" }, worst],
  [{ mutability: "MUTABLE", layout: "single" }, worst],
] as const)("promote (%o), when any one call", (how, kinds) => {
  let world: FaultWorld;
  let job: Job;
  beforeEach(async () => {
    world = await faultWorld(how);
    job = promoting(world);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  test.each(kinds)("$title: again, and all is well", async (fault) => {
    expect(await breakEveryCall(world, job, fault)).toEqual([]);
  });

  test("the calls are those of the log, writes among them, the bundle's tag after the images'", async () => {
    const tags = await orderOfTags(world, job);
    expect(tags.indexOf("bundle")).toBe(world.config.services.length);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakEveryCall, faults, orderOfTags, worst } from "./every-call.ts";
import { publishing } from "./jobs.ts";
import { type FaultWorld, faultWorld } from "./world.ts";

// Some hundred releases, each interrupted once. Where a tag cannot be moved the registry helps; where it can, or where
// services share a repository, the worst must do no harm either. With an index one image goes by docker, the other is
// uploaded by ourselves: all calls of both ways.
describe.each([
  [{ mutability: "IMMUTABLE", indexes: true }, faults],
  [{ mutability: "MUTABLE", indexes: true }, worst],
  [{ mutability: "MUTABLE", layout: "single", indexes: true }, worst],
] as const)("publish (%o), when any one call", (how, kinds) => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await faultWorld(how);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test.each(kinds)("$title: again, and all is well", { timeout: 600_000 }, async (fault) => {
    expect(await breakEveryCall(world, publishing, fault)).toEqual([]);
  });

  test("the calls are those of the log, writes among them, the bundle's tag after the images'", async () => {
    const tags = await orderOfTags(world, publishing);
    expect(tags.indexOf("bundle")).toBe(world.config.services.length);
  });
});

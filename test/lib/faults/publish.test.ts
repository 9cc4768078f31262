import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { breakEveryCall, faults, orderOfTags, worst } from "./every-call.ts";
import { publishing, publishingElsewhere } from "./jobs.ts";
import { type FaultWorld, faultWorld } from "./world.ts";

// Some hundred releases, each interrupted once; a world a test, since what a sandbox writes at each change grows with what is
// in it. Where a tag cannot be moved the registry helps; where it can, or where services share a repository, the worst must
// do no harm either. With an index one image goes by docker, the other is uploaded by ourselves: all calls of both ways.
describe.each([
  [{ mutability: "IMMUTABLE", indexes: true }, faults],
  [{ mutability: "MUTABLE", indexes: true }, worst],
  [{ mutability: "MUTABLE", layout: "single", indexes: true }, worst],
] as const)("publish (%o), when any one call", (how, kinds) => {
  let world: FaultWorld;
  beforeEach(async () => {
    world = await faultWorld(how);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  test.each(kinds)("$title: again, and all is well", async (fault) => {
    expect(await breakEveryCall(world, publishing, fault)).toEqual([]);
  });

  test("is the last of a killed process: another machine, with another build, finishes", async () => {
    const killed = { kind: "killed", times: 1 } as const;
    expect(await breakEveryCall(world, publishingElsewhere(world), killed)).toEqual([]);
  });

  test("the calls are those of the log, writes among them: uploads, what belongs together, the images' tags, the bundle's", async () => {
    const each = (name: string): string[] => world.config.services.map(() => name);
    const order = await orderOfTags(world, publishing);
    expect(order).toEqual([...each("upload"), "begun", ...each("image"), "bundle", "bundle"]);
  });
});

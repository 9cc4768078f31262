import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publish } from "../../../src/lib/actions/publish/run.ts";
import { breakEveryCall, callsOf, faults, type Job } from "./every-call.ts";
import { type FaultWorld, faultWorld } from "./world.ts";

const job: Job = {
  prepare: () => Promise.resolve(),
  run: ({ ports }) => publish({ dryRun: false }, ports),
  tags: ({ revision }) => [revision],
};

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("publish, when any one call", () => {
  test.each(faults)("$title: again, and all is well", { timeout: 60_000 }, async (fault) => {
    expect(await breakEveryCall(world, job, fault)).toEqual([]);
  });

  test("the calls are those of the log, writes among them", async () => {
    const calls = await callsOf(world, job);
    expect(calls.filter((call) => call.includes("/manifests/"))).toHaveLength(world.config.services.length);
    expect(calls.filter((call) => call.startsWith("PutImage")).length).toBeGreaterThan(0);
  });
});

test("in repositories that let tags be moved nothing is overwritten either", { timeout: 60_000 }, async () => {
  await using mutable = await faultWorld({ mutability: "MUTABLE" });
  for (const fault of faults.filter(({ kind }) => kind === "lost-reply" || kind === "killed"))
    expect(await breakEveryCall(mutable, job, fault)).toEqual([]);
});

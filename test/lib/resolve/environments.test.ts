import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PublishedRelease } from "../../../src/lib/release/release.ts";
import { World } from "./world.ts";

let world: World;
let one: PublishedRelease;
let two: PublishedRelease;
beforeEach(async () => {
  world = await World.open();
  one = await world.publish(world.commit("one"));
  two = await world.publish(world.commit("two"));
});
afterEach(() => world[Symbol.asyncDispose]());

const short = ({ release }: PublishedRelease) => release.revision.slice(0, 12);

test("an environment's name is what runs there, by digest", async () => {
  await world.deployed("staging", two);
  await world.deployed("staging", one);
  expect(await world.resolve("staging")).toEqual({
    published: one,
    how: "environment",
    asked: one.release.revision,
    says: `staging is the environment: it runs ${short(one)} (deployment 2)`,
    warnings: [],
  });
});

test("a branch of that name does not win, and it is said how to mean it", async () => {
  await world.deployed("staging", one);
  world.repository.git("branch", "staging");
  expect((await world.resolve("staging")).says).toBe(
    `staging is the environment: it runs ${short(one)} (deployment 1); git's staging would be heads/staging`,
  );
  expect(await world.resolve("heads/staging")).toMatchObject({ how: "own", published: two });
});

test("what is being deployed just now is not meant", async () => {
  await world.deployed("staging", one);
  await world.deployed("staging", two, false);
  expect(await world.resolve("staging")).toMatchObject({
    published: one,
    warnings: [`${short(two)} is being deployed to staging just now; meant is what ran there before it`],
  });
});

test("what is under way is told by the server's clock, not by this machine's", async () => {
  await world.deployed("staging", one);
  await world.deployed("staging", two, false);
  world.laptopAhead = 3_600_000;
  expect((await world.resolve("staging")).warnings[0]).toContain("just now");
  world.clock.advance(3_600_000);
  world.laptopAhead = -7_200_000;
  expect((await world.resolve("staging")).warnings[0]).toContain("did not end well");
});

test("a deployment that never ended is not meant either, and hosts may differ", async () => {
  await world.deployed("staging", one);
  await world.deployed("staging", two, false);
  world.clock.advance(3_600_000);
  expect(await world.resolve("staging")).toMatchObject({
    published: one,
    warnings: ["deployment 2 of staging did not end well; meant is the last that did, but hosts may differ"],
  });
});

test("nothing deployed yet: refused, with both ways out", async () => {
  world.repository.git("branch", "prod");
  expect(await world.refusal("prod")).toMatchObject({
    code: "NOTHING_DEPLOYED",
    exitCode: 3,
    message: expect.stringContaining("prod is an environment"),
    next: ["threads deploy -e prod HEAD", "threads promote heads/prod -e prod"],
  });
});

test("an environment without hosts runs nothing, so its name is git's", async () => {
  expect(await world.resolve("dev")).toMatchObject({ how: "own", published: two });
  world.repository.git("checkout", "--quiet", "-b", "other");
  world.repository.git("branch", "--delete", "--force", "dev");
  expect(await world.refusal("dev")).toMatchObject({
    code: "UNKNOWN_REVISION",
    exitCode: 2,
    message: expect.stringMatching(/dev .*no hosts/),
  });
});

test("what runs there but is gone from the registry is refused", async () => {
  await world.deployed("staging", one);
  world.forget(one.digest);
  expect(await world.refusal("staging")).toMatchObject({ code: "IMAGE_GONE", exitCode: 3 });
});

test("needs no git", async () => {
  await world.deployed("staging", one);
  const folder = mkdtempSync(join(tmpdir(), "threads-no-git-"));
  try {
    expect(await world.resolve("staging", folder)).toMatchObject({ published: one });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

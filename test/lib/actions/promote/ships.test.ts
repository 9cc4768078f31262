import { describe, expect, test } from "vitest";
import type { PromoteOptions } from "../../../../src/lib/actions/promote/ports.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { verifiedReleases } from "./verified-releases.ts";

const own = verifiedReleases();

const run = async (change: Partial<PromoteOptions> = {}) =>
  asPrinted(
    "promote",
    await promote({ release: own.revision, environment: "prod", dryRun: false, ...change }, own.world.ports),
  );

describe("what it ships", () => {
  test("is everything since the release that runs there: commits and migrations", async () => {
    const { world, release, revision, number } = own;
    await world.deployed("prod", release);
    world.repository.write("backend/posts/migrations/0002_likes.py", "x");
    world.repository.write("backend/likes/migrations/__init__.py", "");
    world.repository.commit("Add likes");
    const two = await world.publish(`other ${String(number)}`);
    expect((await run({ release: two.release.revision, dryRun: true })).ships).toEqual({
      from: { revision, number: expect.any(Number) },
      commits: 2,
      log: [expect.stringMatching(/^[0-9a-f]+ other \d+$/), expect.stringMatching(/^[0-9a-f]+ Add likes$/)],
      dropped: 0,
      migrations: ["backend/posts/migrations/0002_likes.py"],
      unknown: null,
    });
  });

  test("is nothing for what runs there, unknown to a clone that is cut off, and null without hosts", async () => {
    const { world, release, revision } = own;
    await world.deployed("prod", release);
    expect((await run({ dryRun: true })).ships).toMatchObject({ from: { revision }, commits: 0, unknown: null });
    await world.deployed("prod", release, { draft: { revision: "f".repeat(40), bundle: other() } });
    expect((await run({ dryRun: true })).ships).toMatchObject({
      from: { revision: "f".repeat(40) },
      unknown: expect.stringMatching(/./),
    });
    expect((await run({ dryRun: true, environment: "dev" })).ships).toBeNull();
  });

  test("is typed on with what lifts the hold of a rollback, which is told", async () => {
    const { world, release, revision, number } = own;
    await world.deployed("prod", release);
    const draft = { revision: "f".repeat(40), bundle: other(), kind: "rollback" as const };
    const held = await world.deployed("prod", release, { draft: { ...draft, reason: "orders are lost" } });
    const { next, advice } = await run();
    expect(next).toEqual([`threads deploy -e prod ${revision} --lift-hold ${held.number}`]);
    expect(advice).toEqual([expect.stringMatching(/^prod is held: .*: orders are lost$/)]);
    const two = await world.publish(`newer ${String(number)}`);
    await world.deployed("prod", two);
    expect(await run()).toMatchObject({ next: [`threads deploy -e prod ${revision}`], advice: [] });
  });

  const other = () => ({ repository: "threads/bundle", digest: `sha256:${"e".repeat(64)}` as const });
});

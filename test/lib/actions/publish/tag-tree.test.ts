import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publish } from "../../../../src/lib/actions/publish/run.ts";
import { smoke, type TestWorld, testWorld } from "./world.ts";

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const run = (dryRun = false) => publish({ dryRun }, world.ports);
const tags = () => world.ecr.state.repositories.get("threads/bundle")!.tags;
/** Once the bundle has its tag: after the one that was begun, and those of the four images. */
function whenPublished(then: () => void, left = 6): void {
  world.ecr.after("PutImage", () => (left === 1 ? then() : whenPublished(then, left - 1)));
}
const tree = () => `tree-${world.repository.git("rev-parse", "HEAD^{tree}")}`;

describe("the tag of the sources", () => {
  test("names the bundle as its own tag does, and comes after it", async () => {
    const revision = world.smoked("one");
    let atFirst: string[] = [];
    whenPublished(() => (atFirst = [...tags().keys()]));
    const { bundle } = await run();
    expect(atFirst).toEqual([`begun-${revision}`, revision]);
    expect([...tags()]).toEqual([
      [`begun-${revision}`, bundle.digest],
      [revision, bundle.digest],
      [tree(), bundle.digest],
    ]);
  });

  test("stays with the first release of the same sources, which is no error", async () => {
    world.smoked("one");
    const first = await run();
    const revision = world.repository.commit("the same sources again");
    smoke(world.docker, { revision, tree: tree().slice("tree-".length), text: "another build" });
    const second = await run();
    expect(second).toMatchObject({ outcome: "published", revision });
    expect(second.bundle.digest).not.toBe(first.bundle.digest);
    expect(tags().get(tree())).toBe(first.bundle.digest);
  });

  test("is not taken from another publish that was faster", async () => {
    world.smoked("one");
    const other = world.ecr.push("threads/bundle", "other", { config: "another bundle of these sources" });
    whenPublished(() => {
      // Between the look and the write: the one that BatchGetImage could not see.
      world.ecr.after("BatchGetImage", () => tags().set(tree(), other));
    });
    expect((await run()).outcome).toBe("published");
    expect(tags().get(tree())).toBe(other);
  });

  test("is added by the next run where the first was stopped before it", async () => {
    const revision = world.smoked("one");
    whenPublished(() => world.ecr.fail({ operation: "PutImage", times: 1, how: { error: "ValidationException" } }));
    await expect(run()).rejects.toMatchObject({ code: "AWS_FAILURE" });
    expect([...tags().keys()]).toEqual([`begun-${revision}`, revision]);
    world.ecr.heal();
    const finished = await run();
    expect(finished).toMatchObject({ outcome: "already-published", published: true, revision });
    expect(tags().get(tree())).toBe(tags().get(revision));
  });

  test("is looked for in the same call as the release", async () => {
    world.smoked("one");
    await run();
    const before = world.ecr.calls.length;
    await run();
    const calls = world.ecr.calls.slice(before);
    expect(calls.filter((call) => call === "BatchGetImage")).toHaveLength(5);
    expect(calls).not.toContain("PutImage");
  });

  test("a dry run writes none", async () => {
    world.smoked("one");
    await run();
    tags().delete(tree());
    expect(await run(true)).toMatchObject({ outcome: "already-published" });
    expect(tags().has(tree())).toBe(false);
  });
});

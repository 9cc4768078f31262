import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resolveRelease } from "../../../src/lib/resolve/resolve-release.ts";
import { anEnvironment } from "../../fakes/config.ts";
import { onEcs } from "../ecs/world.ts";
import { type TestRepository, testRepository } from "../source/repository.ts";
import { promoteAgain, World } from "./world.ts";

let begun: TestRepository;
let world: World;
let dev: string;
// The same beginning for all: made once, copied for each.
beforeAll(() => {
  begun = testRepository();
  const commit = (name: string): string => {
    begun.write(`${name}.txt`, `${name}\n`);
    return begun.commit(name);
  };
  commit("start");
  begun.git("branch", "prod");
  commit("feature");
  dev = commit("more");
});
beforeEach(async () => {
  world = await World.open(testRepository({ copy: begun.root }));
});
afterEach(() => world[Symbol.asyncDispose]());
afterAll(() => begun[Symbol.dispose]());

const git = (...args: string[]) => world.repository.git(...args);
const head = () => git("rev-parse", "HEAD");
const short = (revision: string) => revision.slice(0, 12);

describe("dev came to prod by", () => {
  const styles: readonly [string, () => void][] = [
    ["a merge commit", () => git("merge", "--quiet", "--no-ff", "--message", "release", "dev")],
    [
      "a squash",
      () => {
        git("merge", "--quiet", "--squash", "dev");
        git("commit", "--quiet", "--message", "release");
      },
    ],
    // What a rebase-merge on the web does: the same changes as new commits, without a parent on dev.
    ["a rebase", () => git("-c", "user.name=Web", "cherry-pick", "prod..dev")],
  ];
  test.each(styles)("%s: another commit, the same sources, the release of dev", async (_, merge) => {
    await world.publish(dev);
    git("checkout", "--quiet", "prod");
    merge();
    expect(head()).not.toBe(dev);
    const found = await world.resolve();
    expect(found).toMatchObject({ how: "equal-tree", asked: head(), published: { release: { revision: dev } } });
    expect(found.says).toBe(
      `HEAD (prod) is ${short(head())}, which was not published itself; ${short(dev)} was, from the very same sources (tree ${short(git("rev-parse", "HEAD^{tree}"))})`,
    );
  });

  test.each(styles)("%s, which was published itself too: its own release comes first", async (_, merge) => {
    await world.publish(dev);
    git("checkout", "--quiet", "prod");
    merge();
    await world.publish(head());
    expect(await world.resolve()).toMatchObject({ how: "own", published: { release: { revision: head() } } });
  });

  test("a fast-forward: the very commit", async () => {
    await world.publish(dev);
    git("checkout", "--quiet", "prod");
    git("merge", "--quiet", "--ff-only", "dev");
    expect(await world.resolve()).toMatchObject({
      how: "own",
      asked: dev,
      says: `HEAD (prod) is ${short(dev)}, which is published`,
    });
  });

  test("one call answers, whichever way", async () => {
    await world.publish(dev);
    git("checkout", "--quiet", "prod");
    git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
    const before = world.lookups;
    await world.resolve();
    expect(world.lookups - before).toBe(1);
  });
});

test("of several releases of the same sources, that of the merged branch is meant", async () => {
  const early = await world.publish(dev);
  const late = world.repository.commit("the same sources, again");
  await world.publish(late);
  expect(world.tags.get(`tree-${git("rev-parse", "HEAD^{tree}")}`)).toBe(early.digest);
  git("checkout", "--quiet", "prod");
  git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
  expect(await world.resolve()).toMatchObject({ how: "equal-tree", published: { release: { revision: late } } });
});

test("a release without the tree's tag (its publish was stopped) is found through the merge", async () => {
  await world.publish(dev);
  for (const tag of world.tags.keys()) if (tag.startsWith("tree-")) world.tags.delete(tag);
  git("checkout", "--quiet", "prod");
  git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
  expect(await world.resolve()).toMatchObject({ how: "equal-tree", published: { release: { revision: dev } } });
});

test("neither the merge nor what was merged is published: that is what to publish", async () => {
  git("checkout", "--quiet", "prod");
  git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
  expect(await world.refusal()).toMatchObject({
    code: "NOT_PUBLISHED",
    message: expect.stringMatching(new RegExp(`${short(head())}.* sources of ${short(dev)}`)),
    next: [`git switch --detach ${short(dev)} && threads smoke && threads publish`],
  });
});

describe("prod has a hotfix of its own:", () => {
  beforeEach(async () => {
    await world.publish(dev);
    git("checkout", "--quiet", "prod");
    world.commit("hotfix");
  });

  test("the merge is in no build, and HEAD^2 would lose the hotfix", async () => {
    git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
    const refusal = await world.refusal();
    expect(refusal).toMatchObject({
      code: "NOT_PUBLISHED",
      exitCode: 3,
      message: expect.stringMatching(new RegExp(`${short(head())}, a merge`)),
      next: ["git switch dev && git merge prod", `threads promote ${dev} -e prod`],
    });
    expect(refusal.details.slice(0, 2)).toEqual([
      `the nearest ancestor that is published is ${short(dev)}`,
      `git diff --stat ${short(dev)} ${short(head())}:`,
    ]);
    expect(refusal.details.slice(2).join("\n")).toMatch(/hotfix\.txt \| 1 \+\n 1 file changed, 1 insertion/);
  });

  test.each([
    [
      "the branch that an environment before prod asks for",
      { branch: "develop" },
      ["staging", "prod"],
      "git switch develop && git merge prod",
    ],
    ["the environment to which images only come", {}, ["main", "staging", "prod"], "git switch main && git merge prod"],
    ["what threads.yml does not tell", {}, ["staging", "prod"], "git merge prod"],
    ["no environment on ECS, where something runs", {}, ["cloud", "staging", "prod"], "git merge prod"],
  ])("the way back is to %s", async (_, staging, names, next) => {
    git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
    const ports = world.ports();
    const cloud = anEnvironment("cloud", onEcs());
    const all = { ...ports.config.environments, main: { ...ports.config.environments["dev"]!, name: "main" }, cloud };
    const gates = { staging, prod: { verified: "staging", branch: "prod" } };
    const environments = names.map((name) => [name, { ...all[name as "main"], gates: gates[name as "prod"] ?? {} }]);
    const config = { ...ports.config, environments: Object.fromEntries(environments) as typeof all };
    const refusal = resolveRelease({ ref: undefined, again: promoteAgain }, { ...ports, config });
    await expect(refusal).rejects.toMatchObject({
      next: [next, expect.stringMatching(/^threads promote/)],
    });
  });

  test("squashed on top of it: the same, told by the branch", async () => {
    git("merge", "--quiet", "--squash", "dev");
    git("commit", "--quiet", "--message", "release");
    expect(await world.refusal()).toMatchObject({
      code: "NOT_PUBLISHED",
      message: expect.stringMatching(
        /, whose sources were never published: something was changed on prod, or what came/,
      ),
      next: [expect.stringMatching(/^git switch dev && git merge prod/)],
      details: ["none of its 2 nearest ancestors is published"],
    });
  });

  test("on top of an earlier squash: the nearest is that, as the release of dev", async () => {
    git("reset", "--quiet", "--hard", "HEAD~1");
    git("merge", "--quiet", "--squash", "dev");
    git("commit", "--quiet", "--message", "release");
    const squash = head();
    world.commit("hotfix");
    expect((await world.refusal()).details).toEqual([
      `the nearest ancestor that is published is ${short(squash)} (as ${short(dev)}, from the same sources)`,
      `git diff --stat ${short(squash)} ${short(head())}:`,
      expect.stringContaining("hotfix.txt"),
      expect.stringContaining("1 file changed"),
    ]);
  });

  test("after the back-merge that was published, prod's merge has its sources", async () => {
    git("checkout", "--quiet", "dev");
    git("merge", "--quiet", "--no-ff", "--message", "back-merge", "prod");
    const back = head();
    await world.publish(back);
    git("checkout", "--quiet", "prod");
    git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
    expect(await world.resolve()).toMatchObject({ how: "equal-tree", published: { release: { revision: back } } });
  });

  test("detached, as CI checks it out, it is named by its sha", async () => {
    git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
    git("checkout", "--quiet", "--detach");
    const refusal = await world.refusal();
    expect(refusal.message).toMatch(/^HEAD \(detached\) is [0-9a-f]{12}, a merge /);
    expect(refusal.next[0]).toBe(`git switch dev && git merge ${short(head())}`);
  });
});

test("the nearest published ancestor is the one with the fewest steps, through all parents", async () => {
  const start = git("rev-parse", "HEAD~2");
  await world.publish(start);
  await world.publish(dev);
  git("checkout", "--quiet", "prod");
  world.repository.manyCommits(60);
  world.commit("hotfix");
  git("merge", "--quiet", "--no-ff", "--message", "release", "dev");
  expect((await world.refusal()).details[0]).toContain(short(dev));
});

test("far back, it is found in more than one call", async () => {
  await world.publish(dev);
  world.commit("changed");
  world.repository.manyCommits(60);
  const before = world.lookups;
  const refusal = await world.refusal();
  expect(refusal.details[0]).toBe(`the nearest ancestor that is published is ${short(dev)}`);
  expect(world.lookups - before).toBe(3);
});

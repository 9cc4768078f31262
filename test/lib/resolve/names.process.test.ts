import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestRepository, testRepository } from "../source/repository.ts";
import { promoteAgain, World } from "./world.ts";

let begun: TestRepository;
let world: World;
let one: string;
// The same beginning for all: made once, copied for each.
beforeAll(() => {
  begun = testRepository();
  begun.write("one.txt", "one\n");
  one = begun.commit("one");
});
beforeEach(async () => {
  world = await World.open(testRepository({ copy: begun.root }));
  await world.publish(one);
});
afterEach(() => world[Symbol.asyncDispose]());
afterAll(() => begun[Symbol.dispose]());

const git = (...args: string[]) => world.repository.git(...args);
const short = (revision: string) => revision.slice(0, 12);

describe("a version that a release was promoted as", () => {
  const promotedAs = (version: string, revision: string): unknown =>
    world.tags.set(version, world.tags.get(revision) ?? "");

  test("is a name of that release, whether git has a tag of it or not", async () => {
    promotedAs("v1.0.0", one);
    const found = { how: "version", asked: one, says: `v1.0.0 is the version of ${short(one)}, which is published` };
    expect(await world.resolve("v1.0.0")).toMatchObject(found);
    git("tag", "v1.0.0");
    expect(await world.resolve("v1.0.0")).toMatchObject(found);
  });

  test("with a tag of git's on other sources means two things, and nobody guesses", async () => {
    promotedAs("v1.0.0", one);
    const two = world.commit("two");
    git("tag", "v1.0.0");
    await expect(world.resolve("v1.0.0")).rejects.toMatchObject({
      code: "AMBIGUOUS_REVISION",
      next: [promoteAgain(one), promoteAgain(two)],
      details: [`${one} was promoted as v1.0.0`, `${two} is what git calls v1.0.0`],
    });
  });

  test("that is only git's is git's", async () => {
    git("tag", "v1.0.0");
    expect(await world.resolve("v1.0.0")).toMatchObject({ how: "own", asked: one });
    await expect(world.resolve("v2.0.0")).rejects.toMatchObject({ code: "UNKNOWN_REVISION" });
  });
});

describe("a name that git knows", () => {
  test("a full sha", async () => {
    expect(await world.resolve(one)).toMatchObject({
      how: "explicit",
      asked: one,
      says: `${short(one)} was given in full, and is published`,
    });
  });

  test.each(["v1", "annotated", "dev", "heads/dev", "refs/tags/v1", "HEAD~0"])("%s", async (name) => {
    git("tag", "v1");
    git("tag", "--annotate", "annotated", "--message", "one");
    expect(await world.resolve(name)).toMatchObject({
      how: "own",
      asked: one,
      says: `${name} is ${short(one)}, which is published`,
      warnings: [],
    });
  });

  test("a short sha", async () => {
    expect(await world.resolve(one.slice(0, 7))).toMatchObject({ how: "own", asked: one });
  });

  test.each([undefined, "HEAD", "@"])("%s is HEAD, with its branch", async (ref) => {
    expect((await world.resolve(ref)).says).toBe(`HEAD (dev) is ${short(one)}, which is published`);
  });

  test("HEAD, detached", async () => {
    git("checkout", "--quiet", "--detach");
    expect((await world.resolve()).says).toBe(`HEAD (detached) is ${short(one)}, which is published`);
  });

  test("another commit than the one that is checked out, not published: how to go there", async () => {
    const two = world.commit("two");
    git("checkout", "--quiet", "--detach", one);
    expect(await world.refusal(two.slice(0, 8))).toMatchObject({
      code: "NOT_PUBLISHED",
      message: expect.stringContaining(`${two.slice(0, 8)} is ${short(two)}`),
      next: [`git switch --detach ${short(two)} && threads smoke && threads publish`, `threads promote ${one} -e prod`],
    });
  });

  test("a full sha that is not published, with the sources of one that is", async () => {
    const again = world.repository.commit("nothing changed");
    expect(await world.resolve(again)).toMatchObject({ how: "equal-tree", asked: again });
  });
});

describe("a name that is not clear:", () => {
  test("a tag and a branch of different commits", async () => {
    git("tag", "both");
    const two = world.commit("two");
    git("branch", "both");
    expect(await world.refusal("both")).toMatchObject({
      code: "AMBIGUOUS_REVISION",
      exitCode: 2,
      message: expect.stringMatching(/^both .*tag.*branch/),
      details: [`${two} refs/heads/both`, `${one} refs/tags/both`],
      advice: ["give heads/both", "give tags/both"],
    });
    expect(await world.resolve("tags/both")).toMatchObject({ asked: one });
  });

  test("a tag and a branch of the same commit mean one thing", async () => {
    git("tag", "both");
    git("branch", "both");
    expect(await world.resolve("both")).toMatchObject({ how: "own", asked: one });
  });

  test("a short sha of several commits", async () => {
    using many = testRepository();
    many.manyCommits(1_000);
    const seen = new Set<string>();
    const shas = many.git("log", "--format=%H").split("\n");
    const twice = shas.map((sha) => sha.slice(0, 4)).find((prefix) => seen.size === seen.add(prefix).size);
    expect(await world.refusal(twice, many.root)).toMatchObject({
      code: "AMBIGUOUS_REVISION",
      exitCode: 2,
      advice: ["give more digits"],
    });
  });

  test("a branch that only the remote has, as after CI's checkout", async () => {
    using clone = testRepository({ clone: world.repository.root });
    clone.git("checkout", "--quiet", "--detach");
    clone.git("branch", "--delete", "--force", "dev");
    expect(await world.refusal("dev", clone.root)).toMatchObject({
      code: "UNKNOWN_REVISION",
      message: expect.stringMatching(/^there is no branch dev here, only origin\/dev /),
      next: ["git fetch && git branch dev origin/dev"],
      advice: ["give origin/dev"],
    });
    expect(await world.resolve("origin/dev", clone.root)).toMatchObject({ how: "own", asked: one });
  });

  test("a short sha of a commit that git does not have", async () => {
    expect(await world.refusal("abcdef1")).toMatchObject({
      code: "UNKNOWN_REVISION",
      exitCode: 2,
      next: ["git fetch --tags"],
      advice: ["give the full sha: it needs no git"],
    });
  });
});

describe("the state of the clone:", () => {
  test("changes that are not committed are no part of what is published, and that is said", async () => {
    world.repository.write("one.txt", "changed");
    world.repository.write("new.txt", "new");
    expect(await world.resolve()).toMatchObject({
      how: "own",
      warnings: [`2 uncommitted changes are not part of ${short(one)} (one.txt, new.txt)`],
    });
  });

  test("changes that are not committed, on a commit that is not published", async () => {
    world.commit("two");
    world.repository.write("one.txt", "changed");
    expect(await world.refusal()).toMatchObject({
      code: "NOT_PUBLISHED",
      message: expect.stringMatching(
        /which is not published, and the working tree has changes that are not even committed$/,
      ),
      next: ["git commit && threads smoke && threads publish", `threads promote ${one} -e prod`],
    });
  });

  test("a commit that is not pushed", async () => {
    using clone = testRepository({ clone: world.repository.root });
    const two = clone.commit("two");
    clone.write("two.txt", "two");
    const three = clone.commit("three");
    expect(await world.resolve(two, clone.root)).toMatchObject({ how: "equal-tree" });
    expect(await world.refusal(undefined, clone.root)).toMatchObject({
      code: "NOT_PUBLISHED",
      message: expect.stringMatching(new RegExp(`^HEAD \\(dev\\) is ${short(three)}.* not on origin/dev`)),
      next: ["git push", "threads smoke && threads publish", `threads promote ${one} -e prod`],
    });
    // The same commit by its branch: the clone's state is the same.
    expect((await world.refusal("dev", clone.root)).message).toMatch(/^dev is .* and not on origin\/dev yet$/);
  });

  test("a commit that is published but not pushed", async () => {
    using clone = testRepository({ clone: world.repository.root });
    const two = clone.commit("two");
    await world.publish(two, clone.git("rev-parse", "HEAD^{tree}"));
    expect(await world.resolve(undefined, clone.root)).toMatchObject({
      how: "own",
      warnings: [`${short(two)} is not on origin/dev yet, so nobody else can see its sources`],
    });
  });

  test("a shallow clone of depth 1: the own release, or that of the same sources", async () => {
    using clone = testRepository({ clone: `file://${world.repository.root}`, args: ["--depth=1"] });
    expect(await world.resolve(undefined, clone.root)).toMatchObject({ how: "own" });
    const again = world.repository.commit("nothing changed");
    using later = testRepository({ clone: `file://${world.repository.root}`, args: ["--depth=1"] });
    expect(later.git("rev-list", "--count", "HEAD")).toBe("1");
    expect(await world.resolve(undefined, later.root)).toMatchObject({ how: "equal-tree", asked: again });
  });

  test("a shallow clone whose commit is not published cannot tell what it comes from", async () => {
    const two = world.commit("two");
    using clone = testRepository({ clone: `file://${world.repository.root}`, args: ["--depth=1"] });
    expect(await world.refusal(undefined, clone.root)).toMatchObject({
      code: "NOT_PUBLISHED",
      exitCode: 3,
      message: expect.stringMatching(new RegExp(`^HEAD \\(dev\\) is ${short(two)}.* shallow clone`)),
      details: ["the clone has only 1 of its commits"],
      next: ["git fetch --unshallow --tags"],
    });
  });

  test("a shallow clone does not have the sha: published it needs no git, otherwise it says so", async () => {
    const two = world.commit("two");
    const three = world.commit("three");
    using clone = testRepository({ clone: `file://${world.repository.root}`, args: ["--depth=1"] });
    expect(await world.resolve(one, clone.root)).toMatchObject({ how: "explicit", asked: one });
    expect(await world.refusal(two, clone.root)).toMatchObject({
      code: "NOT_PUBLISHED",
      message: expect.stringMatching(new RegExp(`^${short(two)} .* git does not know it .*shallow`)),
      next: ["git fetch --unshallow --tags", expect.anything()],
    });
    expect((await world.refusal(three, clone.root)).message).toMatch(/is [0-9a-f]{12}, which is not published/);
  });

  test("a sha that git never heard of, published by another clone", async () => {
    const elsewhere = "e".repeat(40);
    await world.publish(elsewhere, "f".repeat(40));
    expect(await world.resolve(elsewhere)).toMatchObject({ how: "explicit" });
    expect(await world.refusal("d".repeat(40))).toMatchObject({
      code: "NOT_PUBLISHED",
      exitCode: 3,
      message: expect.stringMatching(/^d{12} .* git does not know it/),
    });
  });

  test("no repository at all: a full sha works, HEAD says what does", async () => {
    const folder = mkdtempSync(join(tmpdir(), "threads-no-git-"));
    try {
      expect(await world.resolve(one, folder)).toMatchObject({ how: "explicit", asked: one });
      expect(await world.refusal(undefined, folder)).toMatchObject({
        code: "NOT_A_REPOSITORY",
        exitCode: 2,
        next: [expect.anything()],
        advice: ["give a release's full sha or an environment's name: neither needs git"],
      });
      expect(await world.refusal("d".repeat(40), folder)).toMatchObject({
        code: "NOT_PUBLISHED",
        message: expect.stringMatching(/^dddddddddddd was never published, and .* is not in a git repository/),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("the very first commit, not published, has nothing to compare with", async () => {
    using other = testRepository();
    const root = other.commit("root");
    expect(await world.refusal(undefined, other.root)).toMatchObject({
      message: expect.stringContaining(`HEAD (dev) is ${short(root)}`),
      details: ["it has no ancestors"],
      next: ["threads smoke && threads publish"],
    });
    other.commit("second");
    expect(await world.refusal(undefined, other.root)).toMatchObject({
      details: ["its only ancestor is not published"],
    });
  });
});

describe("a bundle that is not what its tag says", () => {
  test("is of another commit", async () => {
    const two = world.commit("two");
    world.tags.set(two, world.tags.get(one)!);
    expect(await world.refusal(two)).toMatchObject({ code: "BUNDLE_MISMATCH", exitCode: 3 });
    expect(await world.refusal()).toMatchObject({ code: "BUNDLE_MISMATCH" });
  });

  test("says another tree than git", async () => {
    const two = world.commit("two");
    await world.publish(two, "f".repeat(40));
    expect(await world.refusal()).toMatchObject({
      code: "BUNDLE_MISMATCH",
      details: [expect.stringMatching(/^threads\/bundle@sha256:.*, tree f{40}$/)],
    });
  });

  test("is of other sources", async () => {
    world.commit("two");
    world.tags.set(`tree-${git("rev-parse", "HEAD^{tree}")}`, world.tags.get(one)!);
    expect(await world.refusal()).toMatchObject({ code: "BUNDLE_MISMATCH" });
  });
});

describe("a bundle that pins an image elsewhere", () => {
  const pinned = { code: "FOREIGN_PINS", exitCode: 3, details: [expect.stringMatching(/^web: evil\/web@sha256:/)] };

  test("is no release, by whatever name it is found", async () => {
    const two = world.commit("two");
    const release = await world.publish(two, undefined, "evil/web");
    world.tags.set("v2.0.0", release.digest);
    await world.deployed("staging", release);
    for (const name of [two, "HEAD", "v2.0.0", "staging"]) expect(await world.refusal(name)).toMatchObject(pinned);
  });

  test("nor is one that a deployment's record finds in another repository", async () => {
    const release = await world.publish(world.commit("two"));
    await world.deployed("staging", { ...release, repository: "threads/nginx" });
    world.copyBundle(release.digest, "threads/nginx");
    expect(await world.refusal("staging")).toMatchObject({
      code: "FOREIGN_PINS",
      details: [`bundle: threads/nginx@${release.digest}, and not threads/bundle`],
    });
  });
});

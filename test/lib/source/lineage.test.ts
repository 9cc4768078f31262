import { describe, expect, test } from "vitest";
import { smallProcesses } from "../process/small-shell.ts";
import { gitLineage } from "../../../src/lib/source/lineage.ts";
import { type TestRepository, testRepository } from "./repository.ts";

const lineageOf = ({ root }: TestRepository) => gitLineage({ processes: smallProcesses, root });
const commitOf = (repository: TestRepository, name: string) => ({
  revision: repository.git("rev-parse", name),
  tree: repository.git("rev-parse", `${name}^{tree}`),
});

test("who had a part in a commit: author, committer and co-authors, in small letters; nobody knows of one that is not there", async () => {
  using repository = testRepository();
  repository.commit("Root");
  repository.git(
    "-c",
    "user.email=merger@example.com",
    "commit",
    "--quiet",
    "--allow-empty",
    "--author=Ada <Ada@Example.com>",
    "--message=Change\n\nIt is good.\n\nCo-authored-by: Bob <bob@example.com>\nCo-authored-by: Eve <merger@example.com>",
  );
  const lineage = lineageOf(repository);
  const authors = await lineage.authors(repository.git("rev-parse", "HEAD"));
  expect(authors?.toSorted()).toEqual(["ada@example.com", "bob@example.com", "merger@example.com"]);
  expect(await lineage.authors("0".repeat(40))).toBeUndefined();
  // A file of the repository does not make somebody else of them.
  repository.write(".mailmap", "Ada <other@example.com> <Ada@Example.com>");
  expect(await lineage.authors(repository.git("rev-parse", "HEAD"))).toEqual(authors);
});

describe("a commit on a branch", () => {
  test("after a merge is an ancestor, after a squash or a rebase has an equal tree", async () => {
    using repository = testRepository();
    repository.write("a.txt", "a");
    repository.commit("One");
    repository.git("branch", "merged");
    repository.git("branch", "squashed");
    repository.write("b.txt", "b");
    repository.commit("Two");
    repository.write("c.txt", "c");
    repository.commit("Three");
    repository.git("checkout", "--quiet", "merged");
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "dev");
    repository.git("checkout", "--quiet", "squashed");
    repository.git("merge", "--quiet", "--squash", "dev");
    repository.commit("Squashed");
    repository.write("later.txt", "later");
    repository.commit("Later");
    const lineage = lineageOf(repository);
    const dev = commitOf(repository, "dev");
    expect(await lineage.onBranch("merged", dev)).toEqual({ has: "commit", ref: "merged" });
    expect(await lineage.onBranch("squashed", dev)).toEqual({ has: "tree", ref: "squashed" });
    expect(await lineage.onBranch("squashed", commitOf(repository, "dev~1"))).toEqual({
      has: "nothing",
      ref: "squashed",
    });
  });

  test("is looked for on the remote's branch first, and a longer name is another branch", async () => {
    using origin = testRepository();
    origin.commit("One");
    origin.git("branch", "prod");
    origin.git("branch", "feature/prod");
    using clone = testRepository({ clone: origin.root });
    clone.git("branch", "prod", "HEAD");
    const local = clone.commit("Two");
    clone.git("branch", "--force", "prod", local);
    expect(await lineageOf(clone).onBranch("prod", commitOf(clone, "dev"))).toMatchObject({ ref: "origin/prod" });
    expect(await lineageOf(clone).onBranch("origin/feature/prod", commitOf(clone, "dev"))).toMatchObject({
      ref: "origin/feature/prod",
    });
    clone.git("branch", "only-here");
    expect(await lineageOf(clone).onBranch("only-here", commitOf(clone, "dev"))).toEqual({
      has: "commit",
      ref: "only-here",
    });
  });

  test("cannot be told without the branch, the commit, or a repository", async () => {
    using repository = testRepository();
    repository.commit("One");
    const lineage = lineageOf(repository);
    expect(await lineage.onBranch("prod", commitOf(repository, "HEAD"))).toEqual({ has: "unknown", ref: undefined });
    const foreign = { revision: "f".repeat(40), tree: "e".repeat(40) };
    expect(await lineage.onBranch("dev", foreign)).toEqual({ has: "unknown", ref: "dev" });
    repository.git("config", "core.repositoryformatversion", "99");
    expect(await lineage.onBranch("dev", foreign)).toEqual({ has: "unknown", ref: undefined });
  });
});

describe("what lies between two commits", () => {
  test("is counted; ten commits are shown; migrations are files that were added, wherever they lie", async () => {
    using repository = testRepository();
    repository.write("backend/posts/migrations/0001_initial.py", "one");
    const from = repository.commit("Start");
    for (let number = 1; number <= 11; number += 1) repository.commit(`Step ${String(number)}`);
    repository.write("backend/posts/migrations/0001_initial.py", "changed");
    repository.write("backend/posts/migrations/0002 likes.py", "two");
    repository.write("migrations/0001_top.py", "top");
    repository.write("backend/likes/migrations/__init__.py", "");
    repository.write("backend/migrations-of-old/0003.py", "no");
    const to = repository.commit("Migrate");
    const found = await lineageOf(repository).between(from, to);
    expect(found).toMatchObject({
      commits: 12,
      dropped: 0,
      migrations: ["backend/posts/migrations/0002 likes.py", "migrations/0001_top.py"],
    });
    const log = "log" in found ? found.log : [];
    expect(log).toHaveLength(10);
    expect(log[0]).toMatch(/^[0-9a-f]{7,} Migrate$/);
  });

  test("backwards and sideways counts what would be gone", async () => {
    using repository = testRepository();
    const one = repository.commit("One");
    const two = repository.commit("Two");
    repository.git("checkout", "--quiet", "-b", "hotfix", one);
    repository.write("fix.txt", "fix");
    const fix = repository.commit("Fix");
    const lineage = lineageOf(repository);
    expect(await lineage.between(two, one)).toEqual({ commits: 0, log: [], dropped: 1, migrations: [] });
    expect(await lineage.between(two, fix)).toMatchObject({ commits: 1, dropped: 1 });
  });

  test("is unknown for a commit that git does not have", async () => {
    using repository = testRepository();
    const one = repository.commit("One");
    const found = await lineageOf(repository).between("f".repeat(40), one);
    expect(found).toEqual({ unknown: expect.stringMatching(/f{40}/) });
  });
});

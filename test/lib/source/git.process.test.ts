import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import { CommandFailed } from "../../../src/lib/process/processes.ts";
import { gitSource } from "../../../src/lib/source/git.ts";
import { testRepository } from "./repository.ts";

const sourceOf = (root: string) => gitSource({ processes: systemProcesses, root });

test("files are those of the commit, below the folder of threads.yml and relative to it", async () => {
  using repository = testRepository();
  repository.write("sub/a b.txt", "a");
  repository.write("sub/deep/ü.sh", "ü");
  repository.write("other.txt", "o");
  chmodSync(join(repository.root, "sub/deep/ü.sh"), 0o755);
  symlinkSync("sub/a b.txt", join(repository.root, "there"));
  const sha = repository.commit("One");
  repository.write("sub/later.txt", "l");
  expect(await sourceOf(repository.root).files(sha)).toEqual([
    { path: "other.txt", kind: "file", bytes: 1 },
    { path: "sub/a b.txt", kind: "file", bytes: 1 },
    { path: "sub/deep/ü.sh", kind: "executable", bytes: 2 },
    { path: "there", kind: "link", bytes: 11 },
  ]);
  expect((await sourceOf(join(repository.root, "sub")).files(sha)).map(({ path }) => path)).toEqual([
    "a b.txt",
    "deep/ü.sh",
  ]);
});

test("a file that git passes over is told, and none that is committed, new, or somewhere else", async () => {
  using repository = testRepository();
  repository.write(".gitignore", "*.env\n");
  repository.write("kept.env", "A=1\n");
  repository.git("add", "--force", "kept.env");
  repository.commit("One");
  for (const file of ["own.env", "sub/own.env", "new.txt"]) repository.write(file, "A=1\n");
  const paths = ["own.env", "sub/own.env", "kept.env", "new.txt"].map((file) => join(repository.root, file));
  const source = sourceOf(join(repository.root, "sub"));
  expect(await source.ignored([...paths, "/etc/hosts.env"])).toEqual(paths.slice(0, 2));
  expect(await source.ignored([])).toEqual([]);
  const command = { file: "git", args: [] };
  const missing = new CommandFailed({ command, exitCode: undefined, tail: [], reason: "is not installed" });
  const without = gitSource({ root: repository.root, processes: { run: () => Promise.reject(missing) } });
  expect(await without.ignored(paths)).toEqual([]);
});

describe("head", () => {
  test("names revision, tree, branch and the commit's time in UTC", async () => {
    using repository = testRepository();
    repository.write("a.txt", "a");
    const sha = repository.commit("One");
    expect(await sourceOf(repository.root).head()).toEqual({
      revision: sha,
      tree: repository.git("rev-parse", "HEAD^{tree}"),
      committedAt: "2026-11-22T08:00:00.000Z",
      branch: "dev",
      dirty: [],
      hidden: [],
      shallow: false,
      upstream: undefined,
      pushed: undefined,
    });
  });

  test("does not believe a file at which git was told not to look", async () => {
    using repository = testRepository();
    repository.write("a.txt", "a");
    repository.commit("One");
    repository.git("update-index", "--assume-unchanged", "a.txt");
    expect((await sourceOf(repository.root).head()).dirty).toEqual(["a.txt"]);
  });

  test("nor one that it was told to skip, wherever it lies, but for what a sparse checkout leaves out", async () => {
    using repository = testRepository();
    for (const file of ["shop/a.txt", "docs/b.txt", "docs/c.txt"]) repository.write(file, "a");
    repository.commit("One");
    repository.git("update-index", "--assume-unchanged", "docs/b.txt");
    repository.git("update-index", "--skip-worktree", "docs/c.txt", "shop/a.txt");
    rmSync(join(repository.root, "shop/a.txt"));
    mkdirSync(join(repository.root, "shop"), { recursive: true });
    expect((await sourceOf(join(repository.root, "shop")).head()).dirty).toEqual(["docs/b.txt", "docs/c.txt"]);
  });

  test("lists changed, renamed and untracked files, names with blanks and quotes included", async () => {
    using repository = testRepository();
    repository.write("a.txt", "some text that git recognises after a rename\n");
    repository.write("b.txt", "b");
    repository.write(".gitignore", "ignored\n");
    repository.commit("One");
    repository.git("mv", "a.txt", "c d.txt");
    repository.write("b.txt", "changed");
    repository.write('new/it "is".txt', "new");
    repository.write("ignored", "x");
    expect((await sourceOf(repository.root).head()).dirty).toEqual(["b.txt", "c d.txt", 'new/it "is".txt']);
  });

  test("a detached HEAD has no branch", async () => {
    using repository = testRepository();
    repository.commit("One");
    repository.git("checkout", "--quiet", "--detach");
    expect((await sourceOf(repository.root).head()).branch).toBeUndefined();
  });

  test("says whether the upstream has the commit", async () => {
    using origin = testRepository();
    origin.commit("One");
    using clone = testRepository({ clone: origin.root });
    expect(await sourceOf(clone.root).head()).toMatchObject({ upstream: "origin/dev", pushed: true });
    clone.commit("Two");
    expect(await sourceOf(clone.root).head()).toMatchObject({ upstream: "origin/dev", pushed: false });
  });

  test("works from a folder inside the repository and sees the whole of it", async () => {
    using repository = testRepository();
    repository.write("sub/a.txt", "a");
    repository.commit("One");
    repository.write("outside.txt", "x");
    expect((await sourceOf(join(repository.root, "sub")).head()).dirty).toEqual(["outside.txt"]);
  });

  test("a folder that is no repository is said to be none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "threads-no-git-"));
    try {
      await expect(sourceOf(folder).head()).rejects.toMatchObject({ code: "NOT_A_REPOSITORY", exitCode: 2 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a repository without commits is said to have none", async () => {
    using repository = testRepository();
    await expect(sourceOf(repository.root).head()).rejects.toMatchObject({ code: "NO_COMMITS", details: [] });
  });

  test("git that is not installed is said to be missing", async () => {
    using repository = testRepository();
    const noGit = gitSource({
      processes: { run: (command, options) => systemProcesses.run({ ...command, file: "git-of-nobody" }, options) },
      root: repository.root,
    });
    await expect(noGit.head()).rejects.toMatchObject({
      code: "NO_GIT",
      message: "git is not installed, or not on the PATH",
      next: ["apt-get install git"],
    });
  });
});

describe("resolve", () => {
  test("takes a short sha, a tag (annotated too), a branch, HEAD", async () => {
    using repository = testRepository();
    const sha = repository.commit("One");
    repository.git("tag", "plain");
    repository.git("tag", "--annotate", "v1", "--message", "one");
    const source = sourceOf(repository.root);
    for (const name of [sha, sha.slice(0, 8), "plain", "v1", "dev", "HEAD"])
      expect((await source.resolve(name)).revision).toBe(sha);
  });

  test("does not take an option for a name", async () => {
    using repository = testRepository();
    repository.commit("One");
    await expect(sourceOf(repository.root).resolve("--all")).rejects.toMatchObject({ code: "UNKNOWN_REVISION" });
  });

  test("an unknown name is a usage error", async () => {
    using repository = testRepository();
    repository.commit("One");
    await expect(sourceOf(repository.root).resolve("nowhere")).rejects.toMatchObject({
      code: "UNKNOWN_REVISION",
      exitCode: 2,
    });
  });

  test("a short sha of several objects names the candidates", async () => {
    using repository = testRepository();
    repository.manyCommits(1_000);
    const seen = new Set<string>();
    const twice = repository
      .git("log", "--format=%H")
      .split("\n")
      .map((sha) => sha.slice(0, 4))
      .find((prefix) => seen.size === seen.add(prefix).size);
    if (twice === undefined) throw new Error("a thousand fixed commits have no common prefix");
    const failure = sourceOf(repository.root).resolve(twice);
    await expect(failure).rejects.toMatchObject({ code: "AMBIGUOUS_REVISION" });
    await expect(failure).rejects.toHaveProperty("details", expect.arrayContaining([expect.stringMatching(/commit/)]));
  });

  test("in a shallow clone an unknown name may only be cut off", async () => {
    using origin = testRepository();
    const first = origin.commit("One");
    origin.commit("Two");
    using clone = testRepository({ clone: `file://${origin.root}`, args: ["--depth=1"] });
    const source = sourceOf(clone.root);
    expect((await source.head()).shallow).toBe(true);
    await expect(source.resolve(first)).rejects.toMatchObject({
      code: "SHALLOW_CLONE",
      next: [expect.stringContaining("--unshallow")],
      advice: [expect.anything()],
    });
  });
});

describe("filesAt", () => {
  test("gives each exactly as committed, whatever its bytes", async () => {
    using repository = testRepository();
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const contents = ["a: 1\n", "no newline", "two\n\n", "dos\r\n", "mac\r", "", "ü\n", every].map((one) =>
      Buffer.from(one),
    );
    const names = contents.map((_, index) => `${index} ü`);
    mkdirSync(join(repository.root, "sub"));
    for (const [index, one] of contents.entries()) writeFileSync(join(repository.root, `sub/${names[index]}`), one);
    const sha = repository.commit("One");
    repository.write("sub/0 ü", "changed since");
    const below = names.map((name) => `sub/${name}`);
    expect(await sourceOf(repository.root).filesAt(sha, below)).toEqual(contents);
    expect(await sourceOf(join(repository.root, "sub")).filesAt(sha, names.toReversed())).toEqual(
      contents.toReversed(),
    );
    expect(await sourceOf(repository.root).filesAt(sha, [])).toEqual([]);
  });

  test("a file that is not in the commit is refused", async () => {
    using repository = testRepository();
    repository.write("there.yml", "x");
    const sha = repository.commit("One");
    repository.write("compose.yml", "x");
    await expect(sourceOf(repository.root).filesAt(sha, ["there.yml", "compose.yml"])).rejects.toMatchObject({
      code: "FILE_NOT_COMMITTED",
      message: expect.stringContaining("compose.yml"),
    });
  });
});

describe("refs", () => {
  test("gives every branch and tag of a name, and nothing that only begins so", async () => {
    using origin = testRepository();
    origin.commit("One");
    for (const name of ["a", "a-b", "c/a"]) origin.git("branch", name);
    using clone = testRepository({ clone: origin.root });
    clone.git("branch", "x");
    clone.git("tag", "a");
    const source = sourceOf(clone.root);
    expect(await source.refs("a")).toEqual(["refs/remotes/origin/a", "refs/tags/a"]);
    expect(await source.refs("c/a")).toEqual(["refs/remotes/origin/c/a"]);
    expect(await source.refs("x")).toEqual(["refs/heads/x"]);
    for (const odd of ["*", "--all", "[a]", "a\\", "", "c"]) expect(await source.refs(odd)).toEqual([]);
  });
});

describe("history", () => {
  test("is ordered by steps through all parents, whatever the dates say, and ends at the limit", async () => {
    using repository = testRepository();
    const root = repository.commit("root");
    repository.git("checkout", "--quiet", "-b", "side");
    const side = repository.commit("side");
    repository.git("checkout", "--quiet", "dev");
    const first = repository.commit("first");
    const second = repository.commit("second");
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "side");
    const merge = repository.git("rev-parse", "HEAD");
    const { commits, shallow } = await sourceOf(repository.root).history(merge, 100);
    expect(shallow).toBe(false);
    expect(commits.map(({ revision }) => revision)).toEqual([merge, second, side, first, root]);
    expect(commits[0]).toEqual({
      revision: merge,
      tree: repository.git("rev-parse", "HEAD^{tree}"),
      parents: [second, side],
    });
    expect((await sourceOf(repository.root).history(merge, 2)).commits.length).toBeLessThanOrEqual(2);
  });

  test("of a shallow clone ends at its edge, and says so", async () => {
    using origin = testRepository();
    for (const name of ["One", "Two", "Three"]) origin.commit(name);
    using clone = testRepository({ clone: `file://${origin.root}`, args: ["--depth=2"] });
    const head = clone.git("rev-parse", "HEAD");
    const { commits, shallow } = await sourceOf(clone.root).history(head, 100);
    expect(shallow).toBe(true);
    expect(commits).toHaveLength(2);
  });
});

describe("difference", () => {
  test("is plain text, whatever a person configured, and sums up", async () => {
    using repository = testRepository();
    for (const [key, value] of [
      ["color.ui", "always"],
      ["diff.external", "false"],
    ] as const)
      repository.git("config", key, value);
    const one = repository.commit("One");
    for (let number = 0; number < 30; number += 1) repository.write(`sub/${String(number)}.txt`, "text\n");
    const two = repository.commit("Two");
    const lines = await sourceOf(repository.root).difference(one, two);
    expect(lines[0]).toBe(" sub/0.txt  | 1 +");
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe(" 30 files changed, 30 insertions(+)");
    expect(await sourceOf(repository.root).difference(one, one)).toEqual([]);
  });
});

test("commits that a release has brought are those that the one before lacks, merges left out", async () => {
  using repository = testRepository();
  const times = new Map<string, string>();
  const commit = (name: string): string => {
    repository.write("a.txt", name);
    const sha = repository.commit(name);
    times.set(name, new Date(Number(repository.git("log", "-1", "--format=%ct")) * 1000).toISOString());
    return sha;
  };
  const first = commit("One");
  repository.git("checkout", "-q", "-b", "side");
  commit("Two");
  repository.git("checkout", "-q", "-");
  repository.git("merge", "-q", "--no-ff", "-m", "Merge", "side");
  const merge = repository.git("rev-parse", "HEAD").trim();
  const source = sourceOf(repository.root);
  expect(await source.commitTimes(first, merge)).toEqual([times.get("Two")]);
  expect(await source.commitTimes(undefined, first)).toEqual([times.get("One")]);
  expect(await source.commitTimes(merge, first)).toEqual([]);
  expect(await source.commitTimes("0".repeat(40), merge)).toBeUndefined();
  expect(await source.commitTimes(first, "0".repeat(40))).toBeUndefined();
});

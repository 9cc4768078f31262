import { cpSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import { gitSource } from "../../../src/lib/source/git.ts";
import { testRepository, type TestRepository } from "./repository.ts";

let repository: TestRepository;
let base: string;
beforeEach(() => {
  repository = testRepository();
  onTestFinished(() => repository[Symbol.dispose]());
  repository.write("shop/web/app.py", "1");
  repository.write("shop/web[1]/app.py", "1");
  repository.write("docs/page.md", "1");
  repository.write(".gitignore", "*.pyc\n");
  base = repository.commit("base");
  repository.git("checkout", "--quiet", "-b", "ci-1");
});

const at = (path: string): string => join(repository.root, path);
const since = (name: string, ...paths: string[]) =>
  gitSource({ processes: systemProcesses, root: at("shop") }).changedSince(name, paths.map(at));

test("nothing has changed in a place where nothing has", async () => {
  repository.write("docs/page.md", "2");
  repository.commit("docs");
  expect(await since("dev", "shop")).toEqual({ from: base, files: [] });
  expect(await since("dev", "shop", "docs")).toEqual({ from: base, files: ["docs/page.md"] });
  expect(await since("dev")).toEqual({ from: base, files: [] });
});

test("what was committed, what was not, what is new and what git was told not to look at have changed", async () => {
  repository.write("shop/web/committed.py", "1");
  repository.commit("one");
  repository.write("shop/web/app.py", "2");
  repository.write("shop/web/new.py", "1");
  repository.write("shop/web/left.pyc", "1");
  repository.git("update-index", "--assume-unchanged", "shop/web[1]/app.py");
  const files = ["shop/web/app.py", "shop/web/committed.py", "shop/web/new.py", "shop/web[1]/app.py"];
  expect(await since("dev", "shop")).toEqual({ from: base, files });
  // A place's name stands for itself.
  expect(await since("dev", "shop/web[1]")).toEqual({ from: base, files: ["shop/web[1]/app.py"] });
});

test("a file that was moved away, or taken away, has changed", async () => {
  repository.git("mv", "shop/web/app.py", "docs/app.py");
  repository.commit("move");
  expect(await since("dev", "shop/web")).toEqual({ from: base, files: ["shop/web/app.py"] });
});

test("what lies behind a link has changed with it, and where the link leads elsewhere, too", async () => {
  symlinkSync("../docs", at("shop/pages"));
  base = repository.commit("link");
  repository.git("branch", "--force", "dev");
  expect(await since("dev", "shop/pages", "shop/pages/page.md")).toEqual({ from: base, files: [] });
  repository.write("docs/page.md", "2");
  expect(await since("dev", "shop/pages")).toEqual({ from: base, files: ["docs/page.md"] });
  expect(await since("dev", "shop/pages/page.md")).toEqual({ from: base, files: ["docs/page.md"] });
  repository.git("checkout", "--quiet", "docs/page.md");
  rmSync(at("shop/pages"));
  symlinkSync("web", at("shop/pages"));
  expect(await since("dev", "shop/pages/app.py")).toEqual({ from: base, files: ["shop/pages"] });
});

test("another repository inside has changed as a whole, a submodule or not, whatever git is set to", async () => {
  using other = testRepository();
  other.write("web/app.py", "1");
  other.commit("other");
  repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.root, "lib");
  base = repository.commit("submodule");
  repository.git("branch", "--force", "dev");
  repository.git("config", "diff.ignoreSubmodules", "all");
  expect(await since("dev", "lib/web")).toEqual({ from: base, files: [] });
  repository.write("lib/web/new.py", "1");
  expect(await since("dev", "lib/web")).toEqual({ from: base, files: ["lib"] });
  cpSync(other.root, at("shop/clone"), { recursive: true });
  expect(await since("dev", "shop/clone/web")).toEqual({ from: base, files: ["shop/clone/"] });
});

test("what lies beside the folder of threads.yml has changed although git is set to look into that alone", async () => {
  repository.git("config", "diff.relative", "true");
  repository.write("docs/page.md", "2");
  expect(await since("dev", "shop", "docs")).toEqual({ from: base, files: ["docs/page.md"] });
});

test("what only the other side has changed is nothing of this one's", async () => {
  repository.git("checkout", "--quiet", "dev");
  repository.write("shop/web/app.py", "theirs");
  repository.commit("theirs");
  repository.git("checkout", "--quiet", "ci-1");
  expect(await since("dev", "shop")).toEqual({ from: base, files: [] });
});

test("what has nothing in common cannot be told", async () => {
  repository.git("checkout", "--quiet", "--orphan", "alone");
  repository.commit("alone");
  expect(await since("dev", "shop")).toBe("unrelated");
});

test("a clone that is cut off before they parted says that it is", async () => {
  repository.git("commit", "--quiet", "--allow-empty", "-m", "here");
  repository.git("update-ref", "refs/heads/far", repository.git("commit-tree", "HEAD^{tree}", "-m", "far").trim());
  repository.git("rev-parse", "HEAD");
  writeFileSync(join(repository.root, ".git/shallow"), repository.git("rev-parse", "HEAD"));
  expect(await since("far", "shop")).toBe("shallow");
});

test("a repository that is broken is no reason to run all", async () => {
  repository.git("commit", "--quiet", "--allow-empty", "-m", "lost");
  const lost = repository.git("rev-parse", "HEAD").trim();
  repository.git("commit", "--quiet", "--allow-empty", "-m", "here");
  rmSync(join(repository.root, ".git/objects", lost.slice(0, 2), lost.slice(2)));
  await expect(since("dev", "shop")).rejects.toMatchObject({ code: "GIT_FAILED" });
});

test("a name that git does not know is refused, and a place outside of the repository, too", async () => {
  await expect(since("nope", "shop")).rejects.toMatchObject({ code: "UNKNOWN_REVISION" });
  await expect(since("dev", "..")).rejects.toMatchObject({ code: "GIT_FAILED" });
});

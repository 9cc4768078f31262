import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import { uncommitted } from "../../../src/lib/source/uncommitted.ts";
import { testRepository } from "./repository.ts";

test("what git does not have as it is, by its name in the folder that is asked about", async () => {
  using repository = testRepository();
  repository.write("shop/package.json", "{}");
  repository.write("other/file", "");
  repository.commit("both");
  repository.write("shop/package.json", "{ }");
  repository.write("shop/node_modules/a/index.js", "");
  repository.write("other/file", "changed");
  const found = await uncommitted(join(repository.root, "shop"), systemProcesses);
  expect(found?.toSorted()).toEqual(["node_modules/", "package.json"]);
});

test("outside of a repository nothing can be told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "threads-no-repository-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(await uncommitted(folder, systemProcesses)).toBeUndefined();
});

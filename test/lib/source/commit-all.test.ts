import { expect, test } from "vitest";
import { commitAll } from "../../../src/lib/source/commit-all.ts";

test("everything is committed but what npm has installed", () => {
  expect(commitAll(["package.json", "src/node_modules.ts"])).toBe("git add --all && git commit");
  const ignoring = String.raw`printf '\nnode_modules/\n' >> .gitignore && git add --all && git commit`;
  expect(commitAll(["a.txt", "node_modules/threads/index.js"])).toBe(ignoring);
  expect(commitAll(["web/node_modules/threads/index.js"])).toBe(ignoring);
});

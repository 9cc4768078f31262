import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { scripts } from "./scripts.ts";

test.each(Object.entries(scripts))("%s is clean under shellcheck", (_, text) => {
  const check = spawnSync("shellcheck", ["-s", "bash", "-"], { input: text, encoding: "utf8" });
  expect([check.error, check.stdout]).toEqual([undefined, ""]);
});

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { plain, scripts } from "./scripts.ts";

function shellcheck(text: string, ...args: string[]): [Error | undefined, string] {
  const check = spawnSync("shellcheck", ["-s", "bash", ...args, "-"], { input: text, encoding: "utf8" });
  return [check.error, check.stdout];
}

test.each(Object.entries(plain))("%s is clean under shellcheck", (_, text) => {
  expect(shellcheck(text)).toEqual([undefined, ""]);
});

test("what unpacks the deployment's script is clean, too", () => {
  // What the packed part uses is not to be seen there.
  expect(shellcheck(scripts.deploy, "-e", "SC2034")).toEqual([undefined, ""]);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { setUp, setUpOr } from "../../../src/lib/docker/set-up.ts";

test("in this checkout the set-up is typed as it is known", () => {
  expect(setUp()).toEqual(["bin/setup"]);
  expect(setUpOr("docker version")).toEqual(["bin/setup"]);
});

test("another folder's is named by its whole path: what is typed here must run that one", () => {
  const other = mkdtempSync(join(tmpdir(), "threads-set-up-"));
  onTestFinished(() => rmSync(other, { recursive: true }));
  mkdirSync(join(other, "bin"));
  const script = join(other, "bin/setup");
  writeFileSync(script, "");
  expect(setUp(script)).toEqual([script]);
});

test("an installed package has none, and sends nobody there", () => {
  expect(setUp("/nowhere/bin/setup")).toEqual([]);
});

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addressFile } from "../../../src/lib/cli/address-file.ts";

const address = "http://127.0.0.1:8100/0123456789abcdef0123456789abcdef/";
let above: string;
let folder: string;
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), "threads-address-"));
  folder = join(above, "runs");
});
afterEach(() => rmSync(above, { recursive: true }));

test("leads to an address that its own name does not tell, and that nobody else can read, until it is removed", () => {
  const { href, remove } = addressFile(folder, address);
  const file = fileURLToPath(href);
  expect(href).not.toContain("0123456789abcdef");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toContain(`<meta http-equiv="refresh" content="0; url=${address}" />`);
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("*\n");
  // As beside the first record of a run: what lies there is nobody else's affair.
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  remove();
  expect(existsSync(file)).toBe(false);
  expect(remove).not.toThrow();
});

test("keeps neither words nor mode of one that was left behind", () => {
  const file = fileURLToPath(addressFile(folder, "http://127.0.0.1:1/old/").href);
  rmSync(file);
  writeFileSync(file, "old", { mode: 0o644 });
  addressFile(folder, address);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).not.toContain("old");
});

test("a folder that cannot be written to is said", () => {
  writeFileSync(folder, "");
  expect(() => addressFile(folder, address)).toThrow(/EEXIST|ENOTDIR/);
});

import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { expect, it } from "vitest";
import { ownerIsAlive, thisOwner } from "../../../src/lib/process/owner.ts";

it("knows itself", () => {
  expect(thisOwner()).toBe(`${hostname()}:${process.pid}`);
  expect(ownerIsAlive(thisOwner())).toBe(true);
});

it("knows that a process has ended", () => {
  const { pid } = spawnSync("true");
  expect(ownerIsAlive(`${hostname()}:${pid}`)).toBe(false);
});

it("takes an owner on another machine for alive, and a label it cannot read for dead", () => {
  expect(ownerIsAlive("elsewhere:1")).toBe(true);
  expect(ownerIsAlive(`${hostname()}:x`)).toBe(false);
});

import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { expect, it } from "vitest";
import { ownerIsAlive, thisOwner } from "../../../src/lib/process/owner.ts";

it("knows itself", () => {
  expect(thisOwner().replace(/~\d+(?=:)/, "")).toBe(`${hostname()}:${process.pid}`);
  expect(ownerIsAlive(thisOwner())).toBe(true);
});

it("knows that a process has ended", () => {
  const { pid } = spawnSync("true");
  expect(ownerIsAlive(thisOwner().replace(/\d+$/, String(pid)))).toBe(false);
});

it("takes an owner on another machine for alive, and a label it cannot read for dead", () => {
  expect(ownerIsAlive("elsewhere:1")).toBe(true);
  // Another container that bears this machine's name.
  expect(ownerIsAlive(`${hostname()}~1:4194999`)).toBe(true);
  expect(ownerIsAlive(thisOwner().replace(/\d+$/, "x"))).toBe(false);
});

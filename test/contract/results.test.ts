import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { describedCommands } from "../../src/lib/help/result-schema.ts";
import { commandsFromSource } from "../fakes/commands.ts";
import { requireResult } from "../fakes/results.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("describes every command, and no other", async () => {
  const commands = await commandsFromSource(root);
  expect(describedCommands().toSorted()).toEqual(commands.map(({ id }) => id.replaceAll(":", " ")).toSorted());
});

const lifted = { outcome: "not-frozen", environment: "prod", frozen: false, freeze: null, next: [], advice: [] };
const failed = {
  outcome: "refused",
  code: "FROZEN",
  message: "no",
  details: [],
  deployment: null,
  next: [],
  advice: [],
};
const freeze = {
  reason: "",
  by: { user: "ada", host: "x", runUrl: null, principal: null },
  frozenAt: "2026-11-22T10:00:00.000Z",
};

it.each([
  ["a result", lifted],
  ["a failure", failed],
  ["a time", { ...lifted, freeze }],
])("accepts %s", (_, json) => {
  expect(() => requireResult(["freeze", "-e", "prod", "--json"], JSON.stringify(json))).not.toThrow();
});

it.each([
  ["a key too many", { ...lifted, more: 1 }],
  ["a key too few", { ...lifted, frozen: undefined }],
  ["another outcome", { ...lifted, outcome: "done" }],
  ["a failure with the outcome of none", { ...failed, outcome: "done" }],
  ["something else than a time", { ...lifted, freeze: { ...freeze, frozenAt: "today" } }],
  ["the result of another command", { outcome: "up", variables: {}, unset: [], next: [], advice: [] }],
])("refuses %s", (_, json) => {
  expect(() => requireResult(["freeze", "-e", "prod", "--json"], JSON.stringify(json))).toThrow(/schema does not say/);
});

import { expect, test } from "vitest";
import { onwards } from "../../../src/lib/fleet/onwards.ts";
import { aConfig } from "../../fakes/config.ts";

const hosts = { tag: "env=x", minimum: 1 };
const { environments } = aConfig({
  environments: {
    dev: {},
    staging: { hosts },
    qa: { hosts },
    demo: { hosts, gates: {} },
    prod: { hosts, gates: { verified: "staging" } },
    "prod-asia": { hosts, gates: { verified: "prod" } },
  },
});
const from = (name: string): readonly string[] => onwards(environments[name]!, "4f2c1d9", { environments });

test.each([
  ["staging", ["demo", "prod"]],
  ["qa", ["demo"]],
  ["prod", ["prod-asia"]],
  ["demo", []],
])("what has come to %s goes on to %j", (name, others) => {
  expect(from(name)).toEqual(others.map((other) => `threads promote 4f2c1d9 -e ${other}`));
});

test("an environment without gates takes what is published: nothing is promoted to it", () => {
  expect(onwards(environments["staging"]!, "4f2c1d9", aConfig({ environments: { staging: {}, dev: {} } }))).toEqual([]);
});

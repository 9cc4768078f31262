import { expect, test } from "vitest";
import { environmentOf, fitting } from "../../../src/lib/config/environment.ts";
import { environment } from "../gates/facts.ts";

const environments = { dev: environment(), prod: environment() };
const find = (name: string) => environmentOf({ environments }, name, (other) => `threads deploy -e ${other}`);

test("an environment of threads.yml is found by its name", () => {
  expect(find("prod")).toBe(environments.prod);
});

test("an unknown one is met with all there are, the one that was meant first", () => {
  expect(() => find("prd")).toThrow(
    expect.objectContaining({
      code: "UNKNOWN_ENVIRONMENT",
      exitCode: 2,
      message: expect.stringMatching(/"prd".* dev, prod; did you mean prod\?$/),
      next: ["threads deploy -e prod", "threads deploy -e dev"],
    }),
  );
});

test("those are offered that something makes sense for, and all where it does for none", () => {
  const some = { environments: { ...environments, prod: environment({ soakMs: 60_000 }) } };
  expect(fitting(some, ({ gates }) => gates.soakMs > 0)).toEqual(["prod"]);
  expect(fitting({ environments }, ({ gates }) => gates.soakMs > 0)).toEqual(["dev", "prod"]);
});

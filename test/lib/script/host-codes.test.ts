import { expect, test } from "vitest";
import { hostCodeOf, hostCodes, hostCodeVariables } from "../../../src/lib/script/host-codes.ts";
import { plain } from "./scripts.ts";

const text = plain.deploy;
const [head = "", body = ""] = text.split("set -Eeuo pipefail");
/** The shell that asks the port for an answer has exit codes of its own. */
const ours = body.replace(/bash -c '[^']*' probe/, "");
const variables = Object.keys(hostCodeVariables());

test("each code reaches the script under its name", () => {
  const given = [...head.matchAll(/^([A-Z_]+)='(\d+)'$/gm)].map(([, name = "", exit]) => [name, Number(exit)]);
  expect(Object.fromEntries(given)).toMatchObject(hostCodeVariables());
  expect(hostCodeVariables()).toMatchObject({ NOT_READY: 10, NOT_MIGRATED: 14, BUG: 20 });
});

test("every exit of the script is one of them, and each of them is an exit of the script", () => {
  const forms = [
    /\bfail (\S+)/g,
    /^enter \w+ (\S+)/gm,
    /\b(?:code|unready)=([^\s;]+)/g,
    /(?:^|[;&|{] )exit ([^\s;]+)/gm,
  ];
  const ends = forms.map((form) => [...ours.matchAll(form)].map(([, end = ""]) => end.replaceAll(/["']/g, "")));
  for (const found of ends) expect(found.length).toBeGreaterThan(1);
  // Success, and what `enter` and `fail` were given.
  const handedOn = new Set(["0", "$1", "$2", "$code", "$unready"]);
  const named = new Set(ends.flat().filter((end) => !handedOn.has(end)));
  expect(named).toEqual(new Set(variables.map((name) => `$${name}`)));
  expect(ours).toMatch(/^fail\(\) \{ code=\$1 .*exit "\$code"; \}$/m);
  expect(ours).toMatch(/^enter\(\) \{ time_step; step=\$1 code=\$2 /m);
});

test("each has a number of its own, among those that mean nothing to SSM", () => {
  const exits = Object.values(hostCodes).map(({ exit }) => exit);
  expect(new Set(exits).size).toBe(exits.length);
  for (const exit of exits) expect(exit >= 10 && exit <= 30).toBe(true);
  for (const code of Object.values(hostCodes)) expect(hostCodeOf(code.exit)).toBe(code);
  expect(hostCodeOf(29)).toBeUndefined();
});

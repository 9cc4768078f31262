import { expect, it } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { parseThreadsYaml } from "../../../src/lib/config/parse.ts";

const file = (check: string): string => `app: app
services: [web]
smoke:
  compose: c.yml
  entry: { service: web, port: 80 }
  checks: [${check}]
runtime: { compose: c.yml }
environments: {}
`;

const mistakes = (check: string): readonly string[] => {
  try {
    parseThreadsYaml(file(check), "threads.yml");
  } catch (error) {
    return error instanceof ThreadsError ? error.details : [String(error)];
  }
  return [];
};

it.each([
  ["{ path: / }", {}],
  [
    "{ path: /, method: POST, headers: { A-b: c }, body: [1], json: { a.b: null }, status: 201, within: 3 }",
    { withinMs: 3000 },
  ],
  ["{ service: web, command: [x, y] }", { kind: "command", path: "web: x y", command: ["x", "y"] }],
  [
    "{ service: web, command: x | y, contains: z }",
    { command: ["sh", "-c", "x | y"], path: "web: x | y", contains: "z" },
  ],
])("%s is a check", (check, keys) => {
  expect(parseThreadsYaml(file(check), "threads.yml").smoke.checks[0]).toMatchObject(keys);
});

it.each([
  ["{}", "smoke.checks.0.path: is required, or a command and its service"],
  ["{ command: x }", "smoke.checks.0.service: is required: in whose container the command runs"],
  ["{ service: web, path: / }", "smoke.checks.0.service: is of a command: which one?"],
  ["{ service: web, command: x, status: 200 }", "smoke.checks.0.status: is of a request, not of a command"],
  ["{ path: /, methd: POST }", 'unknown key "methd", did you mean "method"?'],
  ["{ path: /, method: FETCH }", "smoke.checks.0.method: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
  ['{ path: /, headers: { "a b": c } }', "smoke.checks.0.headers: names of headers, a text each"],
  ["{ path: /, json: { a: [1] } }", "smoke.checks.0.json.a: a text, a number, true, false or null"],
  ["{ path: /, within: -1 }", "smoke.checks.0.within: must be at least 0"],
])("%s is none: %s", (check, words) => {
  expect(mistakes(check).join("\n")).toContain(words);
});

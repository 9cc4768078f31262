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

const mistakes = (check: string): readonly string[] => detailsOf(file(check));

const detailsOf = (text: string): readonly string[] => {
  try {
    parseThreadsYaml(text, "threads.yml");
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
  expect(parseThreadsYaml(file(check), "threads.yml").checks[0]).toMatchObject(keys);
});

it.each([
  ["{}", "checks.0.path: is required, or a command and its service, or tls"],
  ["{ command: x }", "checks.0.service: is required: in whose container the command runs"],
  ["{ service: web, path: / }", "checks.0.service: is of a command: which one?"],
  ["{ service: web, command: x, status: 200 }", "checks.0.status: is of a request, not of a command"],
  ["{ path: /, methd: POST }", 'unknown key "methd", did you mean "method"?'],
  ["{ path: /, method: FETCH }", "checks.0.method: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
  ['{ path: /, headers: { "a b": c } }', "checks.0.headers: names of headers, a text each"],
  ["{ path: /, json: { a: [1] } }", "checks.0.json.a: a text, a number, true, false or null"],
  ["{ path: /, days: 3 }", "checks.0.days: is of a certificate: whose (tls)?"],
  ["{ tls: a.example, path: / }", "checks.0.path: is of a request, not of a certificate"],
  ["{ tls: a.example, command: x, service: web }", "checks.0.command: is of a command, not of a certificate"],
  ["{ tls: a.example, contains: x }", "checks.0.contains: is of a request, not of a certificate"],
  ["{ tls: https://a.example }", "checks.0.tls: must be: a host name"],
  ["{ tls: true }", "no environment has a url that begins with https://"],
  ["{ tls: a.example }", "none of the checks is for smoke: what nobody asks proves nothing"],
  ["{ path: /, for: [verify] }", "none of the checks is for smoke"],
  ["{ path: /, for: [] }", "checks.0.for"],
  ["{ path: /, for: [prod] }", "checks.0.for.0: must be one of smoke, verify, warm-up"],
  [
    "{ path: /, method: POST, for: [smoke, verify] }",
    "checks.0.for: hosts that people use are asked for what only looks",
  ],
  ["{ service: web, command: x, for: [verify] }", "checks.0.for: a command runs in the stack of smoke alone"],
  ["{ tls: a.example, for: [smoke] }", "checks.0.for: a certificate is looked at by verify alone"],
  ["{ path: /, within: -1 }", "checks.0.within: must be at least 0"],
])("%s is none: %s", (check, words) => {
  expect(mistakes(check).join("\n")).toContain(words);
});

it("applies wherever it can, unless it says where", () => {
  const written = `{ path: / }, { path: /, method: POST }, { service: web, command: x }, { tls: "a.example:8443" }, { path: /b, for: [warm-up] }`;
  const { checks } = parseThreadsYaml(file(written), "threads.yml");
  expect(checks.map((check) => check.for)).toEqual([
    ["smoke", "verify", "warm-up"],
    ["smoke"],
    ["smoke"],
    ["verify"],
    ["warm-up"],
  ]);
  expect(checks[3]).toMatchObject({ kind: "certificate", path: "tls (14 days) a.example:8443", days: 14 });
});

it("may stand below smoke, where it stood at first, but not in both places", () => {
  const older = file("{ path: / }").replace("checks:", "  checks:");
  expect(parseThreadsYaml(older, "threads.yml")).toEqual(parseThreadsYaml(file("{ path: / }"), "threads.yml"));
  expect(detailsOf(older.replace("path: /", "paht: /"))).toEqual([
    'threads.yml:6:14 unknown key "paht", did you mean "path"?',
    expect.stringContaining("checks.0.path: is required") as string,
  ]);
  expect(detailsOf(`${older}checks: [{ path: /other }]\n`)).toEqual([
    'threads.yml:6:3 unknown key "checks"; known here: compose, env, entry, timeout',
  ]);
  expect(detailsOf(file("").replace("checks: []\n", ""))).toEqual(["threads.yml:1:1 checks is required"]);
});

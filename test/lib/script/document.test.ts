import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { documentFor, valuesFor } from "../../../src/lib/script/document.ts";
import type { HostScript } from "../../../src/lib/script/render.ts";
import { hostScripts } from "./scripts.ts";

interface Content {
  readonly parameters: Readonly<Record<string, { readonly allowedPattern: string; readonly default?: string }>>;
  readonly mainSteps: readonly [{ readonly inputs: { readonly runCommand: readonly [string] } }];
}

const contentOf = (script: HostScript): Content => JSON.parse(documentFor(script, "prod").content) as Content;
const all = Object.entries(hostScripts);
/** With a socket as its input bash would read what a person's shell begins with. */
const quiet = { encoding: "utf8" as const, stdio: ["ignore" as const, "pipe" as const, "pipe" as const] };
/** SSM's bound for a document and what it is given (API reference, CreateDocument). */
const mostBytes = 64 * 1024;

test.each(all)("%s has a document with room for what it is given, which takes just that", (_, script) => {
  const { content } = documentFor(script, "prod");
  const given = valuesFor(script);
  expect(Buffer.byteLength(content) + Buffer.byteLength(JSON.stringify(given))).toBeLessThan(mostBytes - 8_192);
  const { parameters } = contentOf(script);
  for (const [name, [value = ""] = []] of Object.entries(given))
    expect(value).toMatch(new RegExp(parameters[name]?.allowedPattern ?? "nothing"));
  const needed = Object.entries(parameters).filter(([, one]) => one.default === undefined);
  expect(Object.keys(given)).toEqual(expect.arrayContaining(needed.map(([name]) => name)));
});

test.each(all)("%s finds each variable as it was meant, fixed or given", (_, script) => {
  const [text] = contentOf(script).mainSteps[0].inputs.runCommand;
  // What stands in front of the parts: then each variable is told, and its words.
  const head = text.slice(0, text.indexOf("\nset -Eeuo pipefail"));
  const tell = Object.keys(script.assignments).map((key) => `printf '%s\\0' ${key} "\${${key}[@]}" ''`);
  const environment = Object.entries(valuesFor(script)).map(([name, [value = ""]]) => [`SSM_${name}`, value]);
  const said = execFileSync("bash", ["-c", [head, ...tell].join("\n")], {
    env: Object.fromEntries(environment) as Record<string, string>,
    ...quiet,
  });
  const meant = Object.entries(script.assignments).flatMap(([key, value]) => [
    key,
    ...(typeof value === "object" ? value : [String(value)]),
    "",
  ]);
  expect(said.split("\0").slice(0, -1)).toEqual(meant);
});

test("of two deployments everything that differs is a parameter: they have the same document", () => {
  const { assignments, registry = "" } = hostScripts.deploy;
  const fixed = Object.keys(assignments).filter((key) => !isGiven(hostScripts.deploy, key));
  expect(fixed).toMatchInlineSnapshot(`
    [
      "NOT_READY",
      "SUPERSEDED",
      "BUSY",
      "NOT_FETCHED",
      "NOT_MIGRATED",
      "BROUGHT_BACK",
      "STUCK",
      "STOPPED",
      "BUG",
      "APP",
      "ENV_FILE",
      "ENV_FROM",
      "ENV_OTHERS",
      "REGION",
      "FRONTS_FROM",
      "PORT",
      "PAUSE",
      "LOCK_WAIT",
      "MIN_FREE_KB",
      "MIN_ROOT_KB",
      "MIN_FILES",
      "ROOT",
    ]
  `);
  expect(documentFor({ ...hostScripts.restore, registry }, "prod")).toEqual(documentFor(hostScripts.deploy, "prod"));
});

/** A variable that is another in another order, and the document the same. */
function isGiven(script: HostScript, key: string): boolean {
  const other = { ...script, assignments: { ...script.assignments, [key]: "0" } };
  return documentFor(other, "prod").content === documentFor(script, "prod").content;
}

test.each([
  ["Bundle", "evil.example.com/app/bundle@sha256:" + "0".repeat(64)],
  ["Bundle", "r/app/bundle:latest"],
  ["Bundle", "rx/app/bundle@sha256:" + "0".repeat(64)],
  ["Images", "web=docker.io/library/evil@sha256:" + "0".repeat(64)],
  ["Images", `web=r/app/web@sha256:${"0".repeat(64)} web=evil/web@sha256:${"0".repeat(64)}`],
  ["Variables", "ENV_FILE=/etc/shadow"],
  ["Variables", "COMPOSE_FILE=/tmp/evil.yml"],
  ["Variables", `REVISION=${"a".repeat(40)}\nDOCKER_HOST=tcp://evil`],
  ["Short", "../../etc"],
  ["Number", "1+$(reboot)"],
  ["Migrate", "web; reboot"],
  ["Nonce", "$(reboot)"],
  ["Workers", "web $(reboot)"],
  ["Action", "deploy\nreboot"],
  ["HealthPath", "/\r\nHost: evil"],
  ["HealthPath", "/{{ssm:secret}}"],
])("a deployment takes no %s like %j", (name, value) => {
  const { parameters } = contentOf(hostScripts.deploy);
  expect(value).not.toMatch(new RegExp(parameters[name]?.allowedPattern ?? ".*"));
});

test.each(["", "it's", "$(reboot)", "{{ssm:secret}}", "a\r\nb", "-n", "*", "{a,b}", "100%", "\\x41", "ä €"])(
  "a word of a command arrives as it is, and nothing in it that anybody would change: %j",
  (word) => {
    const { assignments } = hostScripts.exec;
    const script: HostScript = { name: "exec", assignments: { ...assignments, COMMAND: ["first", word] } };
    const { Command: [value = ""] = [] } = valuesFor(script);
    expect(value).toMatch(/^[=A-Za-z0-9._~% -]*$/);
    const [text] = contentOf(script).mainSteps[0].inputs.runCommand;
    const head = text.slice(0, text.indexOf("\nset -Eeuo pipefail"));
    const said = execFileSync("bash", ["-c", `${head}\nprintf '%s|' "\${COMMAND[@]}"`], {
      env: { SSM_Nonce: "n", SSM_Command: value },
      ...quiet,
    });
    expect(said).toBe(`first|${word}|`);
  },
);

test("an agent that hands no parameters on is told of, and nothing runs", () => {
  const [text] = contentOf(hostScripts.status).mainSteps[0].inputs.runCommand;
  expect(() => execFileSync("bash", ["-c", text], { env: {}, ...quiet })).toThrow(/SSM agent older than 3\.3\.2746/);
});

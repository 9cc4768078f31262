import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { dockerCompose } from "../../src/lib/compose/docker-compose.ts";
import { renderEnvFile } from "../../src/lib/compose/env-file.ts";
import { ThreadsError } from "../../src/lib/errors/threads-error.ts";
import { groupedProcesses } from "../../src/lib/process/execa.ts";
import { applicationEnvironment } from "../../src/lib/stack/environment.ts";

// Variables of whoever runs this are none of the application's.
process.env["OUTSIDE"] = "from outside";
const compose = dockerCompose({ processes: groupedProcesses(), clock: systemClock, env: process.env });

interface Filled {
  readonly values: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** What smoke makes of a template. */
async function fill(text: string, generate: readonly string[] = []): Promise<Filled> {
  const root = await mkdtemp(join(tmpdir(), "env-template-"));
  const template = join(root, ".env.example");
  await writeFile(template, text);
  const warnings: string[] = [];
  const config = { root, smoke: { env: { template, generate } } };
  const progress = { warn: (warning: string): unknown => warnings.push(warning) };
  const { signal } = new AbortController();
  try {
    return {
      values: Object.fromEntries(await applicationEnvironment({ config, compose, progress, signal })),
      warnings,
    };
  } finally {
    await rm(root, { recursive: true });
  }
}

const refusal = (text: string, generate: readonly string[] = []): Promise<string> =>
  fill(text, generate).then(
    ({ values }) => `took ${JSON.stringify(values)}`,
    (error: unknown) =>
      error instanceof ThreadsError && error.code === "ENV_TEMPLATE" ? error.message : String(error),
  );

describe("a template has the values that a host's file has", () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    [
      String.raw`A="line1\nline2"` + "\n" + String.raw`B="a\tb"` + "\n" + String.raw`C="\d+"`,
      { A: "line1\nline2", B: "a\tb", C: String.raw`\d+` },
    ],
    [
      'K="-----BEGIN X-----\nabc\n# Required\nX=\n-----END X-----"\nB=1',
      { K: "-----BEGIN X-----\nabc\n# Required\nX=\n-----END X-----", B: "1" },
    ],
    [String.raw`A='it\'s'`, { A: "it's" }],
    ["A=abc#def", { A: "abc#def" }],
    ["A: yaml\napp.name=x\nMY-KEY=x", { A: "yaml", "app.name": "x", "MY-KEY": "x" }],
    ["\uFEFFA=1\r\nB='2'\r\nexport  C=3\n", { A: "1", B: "2", C: "3" }],
    ["A=1\nB=${A}2\nC='$A'\nD=$$A", { A: "1", B: "12", C: "$A", D: "$A" }],
    ["# Not Required.\nA=\n# Required\nB=\nB=2\n# Required\n\nC=", { A: "", B: "2", C: "" }],
  ])("%j", async (text, values) => {
    expect(await fill(text)).toEqual({ values, warnings: [] });
  });

  it("warns of what looks like a comment and is a value", async () => {
    const { values, warnings } = await fill("API_KEY=   # fill in later\nT=value\t# c\nOK=value # c\nQUOTED='a # b'");
    expect(values).toEqual({ API_KEY: "# fill in later", T: "value\t# c", OK: "value", QUOTED: "a # b" });
    const told = (key: string): string =>
      `the value of ${key} in .env.example has a # in it, as compose reads it: put a comment on a line of its own`;
    expect(warnings).toEqual([told("API_KEY"), told("T")]);
  });

  it("makes fresh secrets, in what other values make of them, too", async () => {
    const text = "PASSWORD=\nURL=postgres://u:${PASSWORD}@db/x\nKEY='\nover lines'\nTOKEN: old";
    const { values } = await fill(text, ["PASSWORD", "KEY", "TOKEN"]);
    expect(values["PASSWORD"]).toMatch(/^[0-9a-f]{64}$/);
    expect(values["URL"]).toBe(`postgres://u:${values["PASSWORD"]}@db/x`);
    expect(new Set([values["PASSWORD"], values["KEY"], values["TOKEN"]]).size).toBe(3);
    expect(values["TOKEN"]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a template is refused", () => {
  it.each<[string, string]>([
    ["A=1\nnot a line", "line 2 of .env.example sets nothing: write NAME=value"],
    ["A='open", "compose cannot read line 1 of .env.example: a quotation mark is never closed"],
    [
      "A=${x",
      "compose cannot read .env.example: a value has a ${ that does not end; put that value into single quotes",
    ],
    [
      'A="abc$def9"\nB=1\nC=x$def9',
      "in .env.example a piece of these values gets lost, since a $ begins a variable that is not set: put them into single quotes: A, C",
    ],
    [
      "A=x$OUTSIDE",
      "in .env.example a piece of these values gets lost, since a $ begins a variable that is not set: put them into single quotes: A",
    ],
    [
      "A=1\nBARE\nOUTSIDE",
      ".env.example names BARE, OUTSIDE without a value: there is nothing to inherit in a smoke test",
    ],
    [
      "# Host names. Required.\nHOSTS=\nB=1\n# REQUIRED\nC=\n# required\nD=''",
      ".env.example leaves HOSTS, C, D empty, but requires a value",
    ],
  ])("%j", async (text, message) => {
    expect(await refusal(text)).toBe(message);
  });

  it("for a key that has no line, and no value in any message", async () => {
    expect(await refusal("A=1", ["SECRET", "TOKEN"])).toBe(
      ".env.example has no SECRET, TOKEN, which smoke.env.generate names",
    );
    expect(await refusal('A="secretvalue')).not.toContain("secretvalue");
  });
});

const piece = fc.constantFrom(
  ...'a|1|é| |  |\t|#| #|\\|\\n|\\t|\\\\|\'|"|\\\'|\\"|$$|${A}|$A|${A:-d}|${B-"q"}|=|:|{|}|`|%|\n|x y|\\u0041|\\$'.split(
    "|",
  ),
);
const value = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
const quoted = fc.tuple(fc.constantFrom("", "'", '"'), value).map(([quote, text]) => `${quote}${text}${quote}`);
const line = fc
  .tuple(
    fc.constantFrom("A", "B", "C_1", "d.e", "F-G"),
    fc.constantFrom("=", " = ", ": ", "= "),
    quoted,
    fc.constantFrom("", " # why", "\t# why", " "),
  )
  .map((parts) => parts.join(""));
const file = fc
  .tuple(
    fc.array(fc.oneof({ weight: 8, arbitrary: line }, fc.constantFrom("", "# Note", "  # x", "export H=1")), {
      minLength: 1,
      maxLength: 6,
    }),
    fc.constantFrom("\n", "\r\n"),
  )
  .map(([lines, end]) => `A=1${end}B=2${end}${lines.join(end)}${end}`);

/** What compose gives services by each of these files, or undefined where it cannot read them. */
async function given(files: readonly string[]): Promise<readonly Record<string, string>[] | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "env-given-"));
  const names = files.map((_, index) => `s${index}`);
  for (const [index, text] of files.entries()) await writeFile(join(folder, `s${index}`), text);
  const services = Object.fromEntries(names.map((name) => [name, { image: "x", env_file: [join(folder, name)] }]));
  try {
    const printed = execFileSync("docker", ["compose", "-p", "given", "-f", "-", "config", "--format", "json"], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
      input: JSON.stringify({ services }),
      stdio: ["pipe", "pipe", "ignore"],
    });
    const read = JSON.parse(printed) as { services: Record<string, { environment?: Record<string, string> }> };
    const plain = (text: string): string => text.replaceAll("$$", "$");
    return names.map((name) =>
      Object.fromEntries(
        Object.entries(read.services[name]?.environment ?? {}).map(([key, text]) => [key, plain(text)]),
      ),
    );
  } catch {
    return undefined;
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("whatever stands in a file, a service of the smoke stack gets key by key what one on a host gets, or it is refused", async () => {
  await fc.assert(
    fc.asyncProperty(file, async (text) => {
      const filled = await fill(text).catch((error: unknown) => error);
      // What is refused though compose reads it would have lost something.
      const refused = filled instanceof ThreadsError && filled.code === "ENV_TEMPLATE";
      const isUnreadable = refused && filled.message.startsWith("compose cannot read");
      const values = refused ? {} : (filled as Filled).values;
      const [there, here] = (await given([text, renderEnvFile(new Map(Object.entries(values)))])) ?? [];
      expect(there === undefined).toBe(isUnreadable);
      expect(refused ? {} : here).toEqual(values);
      expect(refused ? {} : there).toEqual(values);
    }),
    { numRuns: 20 },
  );
});

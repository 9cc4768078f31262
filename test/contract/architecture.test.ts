import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const source = fileURLToPath(new URL("../../src", import.meta.url));

/** From the top down. A room imports rooms of lower rows only; within a row, only what `alsoImports` says. */
const rows = [
  ["commands"],
  ["cli"],
  ["output"],
  ["actions"],
  ["registry", "remote", "ledger", "compose", "probe", "source", "sandbox"],
  ["config", "release", "image", "script"],
  ["docker", "process", "aws", "clock", "errors", "secret", "progress"],
];
const alsoImports: Record<string, string[]> = {
  config: ["release", "image"],
  release: ["image"],
  aws: ["errors", "secret"],
  process: ["errors"],
};
/** Libraries that belong to one room. */
const owners: Record<string, string[]> = {
  "@oclif/core": ["commands", "cli"],
  listr2: ["output"],
  chalk: ["output"],
  execa: ["process"],
  zod: ["config"],
  yaml: ["config"],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly target: string;
}

function imports(): Import[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), "utf8");
      const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+|node:[^"]+|@?[a-z][^"\s]*)"/g)].map(
        (match) => match[1] ?? "",
      );
      return specifiers.map((specifier) => ({ file, from: room(file), target: target(file, specifier) }));
    });
}

function target(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return room(relative(source, resolve(source, dirname(file), specifier)));
}

function room(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "lib" ? second : first;
}

const row = (name: string): number => rows.findIndex((names) => names.includes(name));

describe("the house", () => {
  it("has only the rooms of the table", () => {
    const known = new Set(rows.flat());
    expect([...readdirSync(join(source, "lib")), "commands"].filter((name) => !known.has(name))).toEqual([]);
  });

  it("has arrows that point only downward", () => {
    const upward = imports()
      .filter(({ from, target }) => row(target) >= 0 && from !== target)
      .filter(({ from, target }) => row(target) <= row(from) && alsoImports[from]?.includes(target) !== true)
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(upward).toEqual([]);
  });

  it("keeps each library in the room that owns it", () => {
    const strays = imports()
      .filter(({ from, target }) => owners[target] !== undefined && !owners[target].includes(from))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(strays).toEqual([]);
  });

  it("takes the SDK's code through the room aws, so that the bundle carries only what is used", () => {
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const takers = files.filter((file) =>
      /^(?:import|export) (?!type )[^;]*?from "@aws-sdk\/|\bimport\("@aws-sdk\//m.test(
        readFileSync(join(source, file), "utf8"),
      ),
    );
    expect(takers.toSorted()).toEqual(["ecr", "ssm", "sts"].map((service) => `lib/aws/${service}-sdk.ts`));
  });

  it("keeps the sandbox's server free of packages: it runs on a bare Node", () => {
    const packages = imports()
      .filter(
        ({ file, target }) => file.startsWith("lib/sandbox/server/") && row(target) < 0 && !target.startsWith("node:"),
      )
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(packages).toEqual([]);
  });

  it("reads the import statements (a probe that must find some)", () => {
    expect(imports().length).toBeGreaterThan(50);
  });
});

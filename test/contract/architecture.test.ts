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
  ["wire"],
  ["actions"],
  ["hosts", "tasks"],
  ["gates", "resolve", "fleet", "ecs", "stack", "telemetry"],
  ["provenance"],
  [
    "registry",
    "remote",
    "ledger",
    "compose",
    "probe",
    "load",
    "source",
    "signature",
    "project",
    "sandbox",
    "runs",
    "suites",
  ],
  ["config", "release", "image", "script", "iam"],
  ["docker", "process", "aws", "clock", "errors", "secret", "progress", "text", "help"],
];
const alsoImports: Record<string, string[]> = {
  config: ["release", "image"],
  release: ["image"],
  iam: ["config", "image", "script"],
  aws: ["clock", "errors", "text"],
  process: ["errors"],
  docker: ["process", "errors", "secret"],
};
/** Libraries that belong to one room. */
const owners: Record<string, string[]> = {
  "@oclif/core": ["commands", "cli"],
  listr2: ["output"],
  chalk: ["output"],
  marked: ["output"],
  "d3-scale": ["output"],
  "d3-shape": ["output"],
  execa: ["process"],
  zod: ["config", "ledger"],
  sax: ["suites"],
  yaml: ["config", "project", "compose"],
};

/** What makes a port of the world outside: only wire chooses among them, and cli opens the world itself. */
const adapters = [
  "awsClients",
  "cosignSignatures",
  "dockerArchive",
  "dockerCompose",
  "dockerImages",
  "ecrLifecycle",
  "ecrRepositorySettings",
  "ecrScans",
  "gitLineage",
  "gitSource",
  "githubChecks",
  "githubDeployments",
  "hostLogs",
  "hostSight",
  "hostStats",
  "hostTarget",
  "httpGet",
  "liveEcs",
  "openPlace",
  "openRegistry",
  "parameterLedger",
  "threadedLoad",
  "ssmRemote",
  "systemClock",
  "systemProcesses",
  "taskSight",
  "taskTarget",
];

interface Import {
  readonly file: string;
  /** The file's room. */
  readonly from: string;
  /** The room, or the package. */
  readonly target: string;
  /** The file, from `src`; of a package, its name. */
  readonly path: string;
}

function imports(): Import[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), "utf8");
      const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+|node:[^"]+|@?[a-z][^"\s]*)"/g)].map(
        (match) => match[1] ?? "",
      );
      return specifiers.map((specifier) => {
        const path = specifier.startsWith(".")
          ? relative(source, resolve(source, dirname(file), specifier))
          : specifier;
        return { file, from: room(file), target: path === specifier ? path : room(path), path };
      });
    });
}

function room(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "lib" ? second : first;
}

/** The files that can be reached from themselves: types count, since a reader has to follow them too. */
function inCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    (graph.get(from) ?? []).some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, goal, seen);
    });
  return [...graph.keys()].filter((file) => reaches(file, file));
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

  it("knows a target by its port alone, but in verbs that only hosts can do so far", () => {
    const knowers = imports()
      .filter(({ from, target }) => ["actions", "fleet"].includes(from) && ["hosts", "remote"].includes(target))
      .map(({ file }) => (room(file) === "actions" ? (file.split("/")[2] ?? "") : file));
    expect([...new Set(knowers)].toSorted()).toEqual(["doctor", "exec", "policy"]);
  });

  it("has no verb that imports another", () => {
    const verb = (path: string): string => path.split("/")[2] ?? "";
    const across = imports()
      .filter(({ from, target, file, path }) => from === "actions" && target === "actions" && verb(file) !== verb(path))
      .map(({ file, path }) => `${file} imports ${path}`);
    expect(across).toEqual([]);
  });

  it("chooses its adapters in one room", () => {
    const files = readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => ({ file, text: readFileSync(join(source, file), "utf8") }));
    const choosers = adapters.flatMap((adapter) => {
      const own = files.filter(({ text }) =>
        new RegExp(`^export (?:async )?(?:function|const) ${adapter}\\b`, "m").test(text),
      );
      expect({ adapter, files: own.length }).toEqual({ adapter, files: 1 });
      const allowed = new Set(["wire", "cli", ...own.map(({ file }) => room(file))]);
      return files
        .filter(({ file, text }) => !allowed.has(room(file)) && new RegExp(`\\b${adapter}\\b`).test(text))
        .map(({ file }) => `${file} takes ${adapter}`);
    });
    expect(choosers).toEqual([]);
  });

  it("has commands of at most 25 lines beside their texts", () => {
    const long = readdirSync(join(source, "commands"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => ({ file, text: readFileSync(join(source, "commands", file), "utf8") }))
      .filter(({ text }) => text.slice(text.indexOf("  async run(")).trimEnd().split("\n").length > 25 + 1);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it("has no cycle of imports, those of types included", () => {
    const graph = Map.groupBy(imports(), ({ file }) => file);
    const cycles = inCycles(new Map([...graph].map(([file, all]) => [file, all.map(({ path }) => path)])));
    expect(cycles).toEqual([]);
  });

  it("finds a cycle where there is one (a probe of the search)", () => {
    const graph = { a: ["b", "d"], b: ["c"], c: ["a"], d: [] };
    expect(inCycles(new Map(Object.entries(graph)))).toEqual(["a", "b", "c"]);
  });

  it("has no file of more than 250 lines", () => {
    const long = readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(?:ts|sh|awk)$/.test(file))
      .filter((file) => readFileSync(join(source, file), "utf8").trimEnd().split("\n").length > 250);
    expect(long).toEqual([]);
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
    expect(takers.toSorted()).toEqual(
      ["ecr", "ecs", "logs", "secrets", "ssm", "sts"].map((service) => `lib/aws/${service}-sdk.ts`),
    );
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

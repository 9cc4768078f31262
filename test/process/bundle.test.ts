import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { commandsFromSource } from "../fakes/commands.ts";
import { requireResult } from "../fakes/results.ts";
import { requireBuild } from "./built.ts";

requireBuild();

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "threads-bundle-"));
writeFileSync(join(folder, "threads.yml"), "app: threads\nservises: {}\n");
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The sources are the same in every run: Node need not strip and compile them each time. The bundle brings its own cache. */
function compiled(script: string): Record<string, string> {
  return script === "bin/dev.js" ? { NODE_COMPILE_CACHE: join(folder, "compiled") } : {};
}

/** In a terminal of its own, as `script` makes one, which shows stdout and stderr as one. */
function inTerminal(script: string, args: readonly string[]): Promise<Ended> {
  const line = [process.execPath, join(root, script), ...args].join(" ");
  const env = { PATH: process.env["PATH"], HOME: folder, TERM: "xterm", ...compiled(script) };
  return new Promise((resolve) => {
    execFile("script", ["-qec", line, "/dev/null"], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** Not in a terminal and not in a project of its own: what is printed depends on the arguments alone. */
function run(script: string, args: readonly string[], how: { columns?: string; node?: string[] } = {}): Promise<Ended> {
  const env = { PATH: process.env["PATH"], HOME: folder, OCLIF_COLUMNS: how.columns, ...compiled(script) };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...(how.node ?? []), join(root, script), ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const ids = (await commandsFromSource(root)).map(({ id }) => id.split(":"));
const cases: readonly (readonly string[])[] = [
  [],
  ["--version"],
  ["--help"],
  ...ids.map((words) => [...words, "--help"]),
  ["sandbox"],
  ["sandbox", "--help"],
  ["promte"],
  ["promte", "--json"],
  ["promote", "--help", "--json"],
  ["publish", "--nope"],
  ["publish", "--nope", "--json"],
  ["promote"],
  ["deploy", "-e"],
  ["smoke"],
  ["smoke", "--json"],
  ["status", "--config", "missing.yml", "--json"],
  ["help", "gates"],
  ["help", "json", "sandbox", "up"],
  ["help", "deploy", "--json"],
  ["help", "errors", "--json"],
  ["help", "ecr-rpo", "--json"],
  ["explain", "tag_conflict"],
  ["explain", "tag_conflct", "--json"],
];

describe("the bundle says what the sources say", () => {
  it.concurrent.each(cases.map((args) => ({ args, name: `threads ${args.join(" ")}` })))("$name", async ({ args }) => {
    const [bundle, sources] = await Promise.all([run("bin/run.js", args), run("bin/dev.js", args)]);
    expect(bundle).toEqual(sources);
    if (!args.includes("--help")) requireResult(args, bundle.stdout);
    expect(bundle.stdout.length + bundle.stderr.length).toBeGreaterThan(10);
  });

  const shown = ["--help", "promote --help", "publish --nope", "promte", "smoke"];
  it.each(shown)("also in a terminal: threads %s", async (line) => {
    const words = line.split(" ");
    const [bundle, sources] = await Promise.all([inTerminal("bin/run.js", words), inTerminal("bin/dev.js", words)]);
    expect(bundle).toEqual(sources);
    expect(bundle.stdout).toContain("\u001B[");
  });

  it("also where the root help is not taken from the build's text", async () => {
    const how = { columns: "60" };
    const [bundle, sources] = await Promise.all([
      run("bin/run.js", ["--help"], how),
      run("bin/dev.js", ["--help"], how),
    ]);
    expect(bundle).toEqual(sources);
  });

  it("also where V8 refuses the code cache, as another Node does", async () => {
    const args = ["promote", "--help"];
    const [other, sources] = await Promise.all([
      run("bin/run.js", args, { node: ["--no-opt"] }),
      run("bin/dev.js", args),
    ]);
    expect(other).toEqual(sources);
  });

  it("is written in ASCII: what loads it takes a byte for a letter", () => {
    const chunks = globSync("*.cjs", { cwd: join(root, "dist") });
    expect(chunks).toContain("cli.cjs");
    const read = (chunk: string): string => readFileSync(join(root, "dist", chunk), "latin1");
    expect(chunks.filter((chunk) => /[^\0-\x7F]/.test(read(chunk)))).toEqual([]);
  });
});

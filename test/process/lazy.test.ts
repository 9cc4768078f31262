import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { commandsFromSource } from "../fakes/commands.ts";
import { requireBuild } from "./built.ts";

requireBuild();

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Each costs 13–155 ms to import: none may load before a command needs it. */
const heavy = ["@aws-sdk/", "@smithy/", "execa", "listr2", "zod", "yaml", "chalk", "marked", "parse5", "@csstools/"];

/** The packages whose code is in the files of dist that one run of the CLI opens. */
function packagesLoaded(args: readonly string[]): { packages: string[]; stdout: string } {
  const spy = `import { createRequire } from "node:module";
    process.on("exit", () => process.stderr.write("LOADED " + JSON.stringify(Object.keys(createRequire("/").cache)) + "\\n"));`;
  const run = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(spy)}`, `${root}/bin/run.js`, ...args],
    // With a width of its own, the root help is not taken from the build's text either.
    { cwd: root, encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "", OCLIF_COLUMNS: "80" } },
  );
  const line = run.stderr.split("\n").find((text) => text.startsWith("LOADED ")) ?? "LOADED []";
  const files = JSON.parse(line.slice("LOADED ".length)) as string[];
  return { packages: files.flatMap(packagesIn), stdout: run.stdout };
}

/** The bundler says before each module where it is from. */
function packagesIn(file: string): string[] {
  const regions = readFileSync(file, "utf8").matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/\n]+)/gm);
  return [...new Set([...regions].map(([, name = ""]) => name))];
}

const commands = await commandsFromSource(root);
const calls = [["--help"], ...commands.map(({ id }) => [...id.split(":"), "--help"])];

it.each(calls.map((args) => ({ args, name: args.join(" ") })))("threads $name loads no heavy package", ({ args }) => {
  const { packages, stdout } = packagesLoaded(args);
  expect(stdout.length).toBeGreaterThan(10);
  expect(packages).toContain("@oclif/core");
  // What it begins with is said once.
  expect(stdout.lastIndexOf(stdout.split("\n")[0] ?? "")).toBe(0);
  // What is to be copied stays whole.
  expect(stdout.split("\n").filter((line) => line.length > 80 && !/^ +(?:\$|eval|threads) /.test(line))).toEqual([]);
  expect(packages.filter((name) => heavy.some((prefix) => name === prefix || name.startsWith(prefix)))).toEqual([]);
});

it("threads --version loads nothing", () => {
  expect(packagesLoaded(["--version"])).toEqual({
    packages: [],
    stdout: expect.stringMatching(/^@threads-release\/cli\/\d/),
  });
});

it("would see them (a command that reads its configuration loads zod)", () => {
  expect(packagesLoaded(["promote", "0".repeat(40), "-e", "nowhere"]).packages).toContain("zod");
});

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { commandsFromSource } from "../fakes/commands.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Each costs 13–155 ms to import: none may load before a command needs it. */
const heavy = ["@aws-sdk/", "@smithy/", "execa", "listr2", "zod", "yaml", "chalk"];

/** The packages whose files one run of the built CLI reads, as Node's own module loader tells. */
function packagesLoaded(args: readonly string[]): { packages: string[]; stdout: string } {
  const spy = `import { registerHooks } from "node:module";
    const seen = new Set();
    registerHooks({ load(url, context, next) { const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)(?!.*node_modules)/.exec(url)?.[1]; if (name) seen.add(name); return next(url, context); } });
    process.on("exit", () => process.stderr.write("LOADED " + [...seen].join(" ") + "\\n"));`;
  const run = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(spy)}`, `${root}/bin/run.js`, ...args],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "" },
    },
  );
  const line = run.stderr.split("\n").find((text) => text.startsWith("LOADED ")) ?? "";
  return { packages: line.split(" ").slice(1).filter(Boolean), stdout: run.stdout };
}

const commands = await commandsFromSource(root);
const calls = [["--version"], ["--help"], ...commands.map(({ id }) => [...id.split(":"), "--help"])];

it.each(calls.map((args) => ({ args, name: args.join(" ") })))("threads $name loads no heavy package", ({ args }) => {
  const { packages, stdout } = packagesLoaded(args);
  expect(stdout.length).toBeGreaterThan(10);
  expect(packages).toContain("@oclif/core");
  expect(packages.filter((name) => heavy.some((prefix) => name === prefix || name.startsWith(prefix)))).toEqual([]);
});

// src and its packages as a few CommonJS files in dist. With rolldown (which vitest brings anyway), because esbuild can split
// into ES modules only, and V8's cache of those cannot be taken after a run (see load.js).
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { rolldown } from "rolldown";
import { groups } from "./groups.js";

const root = join(import.meta.dirname, "..", "..");

/**
 * Parts of oclif that this CLI never comes to: plugins, globbing, rc files, spinners, DEBUG=oclif:*, the check of Node's
 * version, and that WSL is called by another name than Node's `linux`. Without these stubs `threads promote --help` takes
 * 14 % more instructions.
 */
const unused = {
  // On a terminal oclif makes a spinner at once, which nobody starts.
  "cli-spinners": "exports.dots2 = exports.line = { frames: [] };",
  // A template is compiled for each line of a help page; ours only name two things.
  ejs: `exports.render = (text, data) => {
    const filled = text.replace(/<%= (config[.]bin|command[.]id) %>/g, (_, path) => path.split(".").reduce((of, key) => of[key], data));
    if (filled.includes("<%")) throw new Error("a template that the bundle does not know: " + text);
    return filled;
  };`,
  debug: "module.exports = () => () => undefined;",
  lilconfig: "",
  minimatch: "",
  semver: "exports.satisfies = () => true;",
  tinyglobby: "",
  "wsl-utils": "exports.isWsl = false;",
};

/** Of Node, and taken by oclif at once for what seldom or never happens: a shell without SHELL on Windows, a flag that is a file, timings for DEBUG, a flag read from stdin. */
const takenLater = {
  "node:child_process": ["execSync"],
  "node:fs/promises": ["readFile", "stat"],
  "node:perf_hooks": ["performance"],
  "node:readline": ["createInterface"],
};

/** Writes dist/*.cjs. @returns their names */
export async function bundle() {
  const build = await rolldown({
    input: { cli: join(root, "bin/bundle/entry.js") },
    platform: "node",
    // The SDK as ES modules: what is not used is left out, and no module needs a wrapper.
    resolve: { mainFields: ["module", "main"] },
    plugins: [ours],
    logLevel: "silent",
    preserveEntrySignatures: "allow-extension",
  });
  const written = await build.write({
    dir: join(root, "dist"),
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
    dynamicImportInCjs: false,
    codeSplitting: { groups },
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  for (const { fileName } of written.output) inAscii(join(root, "dist", fileName));
  return [...written.output.map(({ fileName }) => fileName), await worker()];
}

/** One letter beyond Latin-1 makes V8 keep two bytes for each of a chunk's: half of what it takes to load it. */
function inAscii(file) {
  const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  writeFileSync(file, readFileSync(file, "utf8").replace(/[^\0-\x7F]/g, escaped));
}

/** What makes requests runs in a thread of its own, and is a file of its own beside what starts it. @returns its name */
async function worker() {
  const build = await rolldown({ input: join(root, "src/lib/load/worker.ts"), platform: "node", logLevel: "silent" });
  const file = join("lib", "load", "worker.cjs");
  await build.write({ file: join(root, "dist", file), format: "cjs" });
  return file;
}

const ours = {
  name: "threads",
  resolveId(id, importer = "") {
    const isOurs = id === "threads:commands" || Object.hasOwn(unused, id);
    return isOurs || (Object.hasOwn(takenLater, id) && importer.includes("/@oclif/core/")) ? `\0${id}` : undefined;
  },
  load(id) {
    if (id === "\0threads:commands") return { code: table(), moduleType: "js" };
    if (id.startsWith("\0") && Object.hasOwn(unused, id.slice(1)))
      return { code: unused[id.slice(1)], moduleType: "js" };
    if (id.startsWith("\0") && Object.hasOwn(takenLater, id.slice(1)))
      return { code: whenTaken(id.slice(1)), moduleType: "js" };
    return undefined;
  },
  /** All chunks lie in dist: a module that looks for files beside itself must still look where tsc would have put it. */
  transform(code, id) {
    if (!id.startsWith(join(root, "src")) || !code.includes("import.meta.url")) return undefined;
    const place = relative(join(root, "src"), id).replace(/\.ts$/, ".js");
    return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(place)}, import.meta.url).href`);
  },
};

/** A module of Node's that is loaded when one of its functions is. */
function whenTaken(id) {
  const taken = (name) => `get ${name}() { return process.getBuiltinModule(${JSON.stringify(id)}).${name}; }`;
  return `module.exports = { ${takenLater[id].map(taken).join(", ")} };`;
}

/** Of each command, what loads it. */
function table() {
  const folder = join(root, "src", "commands");
  const files = globSync("**/*.ts", { cwd: folder }).toSorted();
  const id = (file) => JSON.stringify(file.slice(0, -3).replaceAll("/", ":"));
  const load = (file) => `() => import(${JSON.stringify(join(folder, file))})`;
  return `export default { ${files.map((file) => `${id(file)}: ${load(file)}`).join(", ")} };`;
}

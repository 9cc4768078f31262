// Copied to dist/load.js. Loads the bundle with V8's code cache of the functions that a run really calls: Node's own compile
// cache is taken right after compiling, before any function was called: with that, `threads promote --help` takes 13 % more
// instructions, and a run that asks AWS loads more code still.
import { createRequire, enableCompileCache } from "node:module";
import { join } from "node:path";
import { constants, Script } from "node:vm";

const require = createRequire(import.meta.url);
// Not imported: see bin/run.js.
const { readFileSync, writeFileSync } = require("node:fs");
/** Set by the build alone: after the run, the caches are written. */
const record = process.env["THREADS_RECORD_CODE"] === "1";

/** @returns what dist/cli.cjs exports */
export function loadBundle() {
  const plain = require.extensions[".js"];
  require.extensions[".cjs"] = (module, filename) => {
    if (!runCached(module, filename)) plain(module, filename);
  };
  return require(join(import.meta.dirname, "cli.cjs"));
}

/** @returns false where there is no cache, or it is of another Node or of another build: V8 says so itself. */
function runCached(module, filename) {
  const cachedData = read(`${filename}.cache`);
  if (cachedData === undefined && !record) return withNodesCache();
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, "latin1")}\n})`;
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new Script(text, { filename, cachedData, importModuleDynamically });
  if (script.cachedDataRejected && !record) return withNodesCache();
  if (record) process.on("exit", () => writeFileSync(`${filename}.cache`, script.createCachedData()));
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, import.meta.dirname);
  return true;
}

function withNodesCache() {
  enableCompileCache();
  return false;
}

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

#!/usr/bin/env node
// Plain old JavaScript on purpose: an old Node must be able to read this far to hand over or to say what is needed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

const needed = [22, 13];
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

if (isOld(process.versions.node)) handOver(here("../node_modules/node/bin/node"));
else if (existsSync(here("../dist/commands"))) await start();
else fail("threads is not built yet", "bin/setup");

async function start() {
  enableCompileCache();
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreGoneReader);
  const { run, flush, handle } = await import("@oclif/core");
  await run(process.argv.slice(2), import.meta.url).then(() => flush(), handle);
}

/** A closed pipe (`threads … | head`) or terminal is no failure, and what is running must still be taken down. */
function ignoreGoneReader(error) {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}

function isOld(version) {
  const [major, minor] = version.split(".").map(Number);
  return major < needed[0] || (major === needed[0] && minor < needed[1]);
}

/** Runs the same command under the Node that the project pins, if it is installed beside us. */
function handOver(node) {
  if (!existsSync(node))
    return fail(`threads needs Node ${needed.join(".")} or newer, this is ${process.version}`, "npm ci");
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code)));
}

function fail(message, next) {
  process.stderr.write(`✖ ${message}\n  next: ${next}\n`);
  process.exitCode = 2;
}

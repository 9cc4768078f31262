#!/usr/bin/env node
// Plain old JavaScript on purpose: an old Node must be able to read this far to hand over or to say what is needed.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// Not imported: an import reads every property of node:fs, its streams and promises among them, which is a tenth of Node's start.
const { existsSync, readFileSync } = createRequire(import.meta.url)("node:fs");

const needed = [22, 13];
const root = fileURLToPath(new URL("..", import.meta.url));
const argv = process.argv.slice(2);

if (isOld(process.versions.node)) await handOver(pinnedNode());
// Not awaited: where a reader leaves early, oclif waits for a stream that never drains, and Node would complain.
else if (existsSync(`${root}dist/cli.cjs`)) void start();
else fail("threads is not built yet", "bin/setup");

async function start() {
  process.stdout.on("error", resultLost);
  const text = knownAnswer();
  if (text !== undefined) process.stdout.write(text);
  else {
    // Whoever cannot be told is not told; what is running goes on.
    process.stderr.on("error", () => undefined);
    const { loadBundle } = await import("../dist/load.js");
    const { main } = loadBundle();
    // oclif's own listener throws whatever is not EPIPE.
    process.stdout.removeAllListeners("error").on("error", resultLost);
    await main(argv, root);
  }
}

/** `--version` and `--help`, by all their names; help where no terminal decides on width and colour: what oclif would say, without loading it. */
function knownAnswer() {
  if (argv.length !== 1) return undefined;
  const [asked] = argv;
  const { name, version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const agent = `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`;
  if (["--version", "-v", "-V", "version"].includes(asked)) return `${agent}\n`;
  const { OCLIF_COLUMNS, FORCE_COLOR } = process.env;
  const help = `${root}dist/help.txt`;
  if (
    !["--help", "-h", "help"].includes(asked) ||
    process.stdout.isTTY ||
    OCLIF_COLUMNS ||
    FORCE_COLOR ||
    !existsSync(help)
  )
    return undefined;
  return readFileSync(help, "utf8").replace("<user-agent>", agent);
}

/**
 * A closed pipe (`threads … | head`) or terminal is no failure, and what is running must still be taken down. A full disk is
 * one, of this line alone: what is running goes on, and has an end that nobody could read.
 */
function resultLost({ code, message }) {
  if (code === "EPIPE" || code === "EIO" || code === "ERR_STREAM_DESTROYED") return;
  const why = message.replace(/^\w+: |, write$/g, "");
  process.stderr.write(`✖ stdout cannot be written to: ${why}; what was done stays done, and its result is lost\n`);
  process.on("exit", (exitCode) => {
    if (exitCode === 0) process.exitCode = 7;
  });
}

function isOld(version) {
  const [major, minor] = version.split(".").map(Number);
  return major < needed[0] || (major === needed[0] && minor < needed[1]);
}

/** The folder of the npm package `node`: ours in a checkout, the project's where we are installed in it. */
function pinnedNode() {
  const [, project] = /^(.*\/)node_modules\/(?:@[^/]+\/)?[^/]+\/$/.exec(root) ?? [];
  return { folder: `${project ?? root}node_modules/node`, project };
}

/** Runs the same command under the Node that the project pins, if it is installed beside us. */
async function handOver({ folder, project }) {
  const node = `${folder}/bin/node`;
  if (!existsSync(node)) {
    const install = project === undefined ? "npm ci" : "npm install --save-dev node@24";
    // Unpacked without its install script, as with --ignore-scripts, the package has no binary.
    const next = existsSync(folder) ? "npm rebuild node" : install;
    return fail(`threads needs Node ${needed.join(".")} or newer, this is ${process.version}`, next);
  }
  const { spawn } = await import("node:child_process");
  let child;
  const passedOn = ["SIGINT", "SIGTERM", "SIGHUP"];
  // Before there is a child: a signal that comes while it starts must not leave it alone.
  for (const signal of passedOn) process.on(signal, () => child?.kill(signal));
  child = spawn(node, [fileURLToPath(import.meta.url), ...argv], { stdio: "inherit" });
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code);
    // Passed on to a child that is gone, it would end nothing, and we would seem to have succeeded.
    for (const name of passedOn) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function fail(message, next) {
  process.stderr.write(`✖ ${message}\n  next: ${next}\n`);
  process.exitCode = 2;
}

// Imported first by what developers run under their own Node, or run alone; plain old JavaScript, as bin/run.js is.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { engines } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const needed = engines.node.replace(">=", "");
const older = (one, other) => one.localeCompare(other, "en", { numeric: true }) < 0;

if (older(process.versions.node, needed)) {
  // npm puts the binary of the package `node` there with an install script, which --ignore-scripts leaves out.
  const isUnpacked = existsSync(`${root}node_modules/node`);
  const why = isUnpacked ? ", and the install script of the npm package node, which brings it, did not run" : "";
  process.stderr.write(`✖ threads needs Node ${needed} or newer, this is ${process.version}${why}\n`);
  process.stderr.write(`  next: ${isUnpacked ? "npm rebuild node" : "npm ci"}\n`);
  process.exit(2);
}

#!/usr/bin/env node
// Runs the commands straight from src: Node strips the types, so there is nothing to build while working on them.
import "./require-node.js";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Config, flush, handle, run } from "@oclif/core";

for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
const root = fileURLToPath(new URL("..", import.meta.url));
const pjson = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
pjson.oclif.commands = { strategy: "pattern", target: "./src/commands", globPatterns: ["**/*.ts"] };
pjson.oclif.helpClass = "./src/lib/cli/help.ts";
pjson.oclif.hooks = { command_not_found: "./src/lib/cli/command-not-found.ts" };
const config = await Config.load({ root, pjson, ignoreManifest: true, enableAutoTranspile: false });
await run(process.argv.slice(2), config).then(() => flush(), handle);

// What oclif can know of the commands before one is loaded: `oclif.manifest.json`, as oclif itself makes it of src.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Config } from "@oclif/core";

const root = join(import.meta.dirname, "..", "..");

export async function writeManifest() {
  const pjson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  pjson.oclif.commands = { strategy: "pattern", target: "./src/commands", globPatterns: ["**/*.ts"] };
  const config = await Config.load({ root, pjson, ignoreManifest: true, enableAutoTranspile: false });
  const { commands, version } = config.plugins.get(pjson.name).manifest;
  // Where oclif found them says nothing of the bundle.
  for (const command of Object.values(commands)) for (const key of ["isESM", "relativePath"]) delete command[key];
  writeFileSync(join(root, "oclif.manifest.json"), JSON.stringify({ commands, version }));
}

import { readFileSync } from "node:fs";
import { type Command, Config, type Interfaces } from "@oclif/core";

/** The commands as src has them, so that a stale build cannot hide a change. */
export async function commandsFromSource(root: string): Promise<Command.Loadable[]> {
  const pjson = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as Interfaces.PJSON;
  pjson.oclif.commands = { strategy: "pattern", target: "./src/commands", globPatterns: ["**/*.ts"] };
  const config = await Config.load({ root, pjson, ignoreManifest: true, enableAutoTranspile: false } as never);
  return config.commands;
}

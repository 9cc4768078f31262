// The entry of the bundle: oclif with a table of commands that is known beforehand, so that it searches no folders.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Config, flush, handle, Plugin, run } from "@oclif/core";
import commands from "threads:commands";

export { default as commandNotFound } from "../../src/lib/cli/command-not-found.ts";
export { default as Help } from "../../src/lib/cli/help.ts";

/** What oclif's own Plugin finds out by looking around (30 % more instructions of `threads promote --help`, its sort by locale most of them), said at once. */
class BuiltPlugin extends Plugin {
  async load() {
    const { pjson, root } = this.options;
    const { name, version, oclif } = pjson;
    const manifest = JSON.parse(readFileSync(join(root, "oclif.manifest.json"), "utf8"));
    const found = { type: "core", isRoot: true, valid: true, hasManifest: true, moduleType: "commonjs" };
    const hooks = Object.fromEntries(Object.entries(oclif.hooks).map(([event, hook]) => [event, [hook]]));
    Object.assign(this, found, { root, pjson, name, alias: name, version, manifest, hooks });
    this.commandIDs = Object.keys(manifest.commands).toSorted();
    this.commands = this.commandIDs.map((id) => ({
      ...manifest.commands[id],
      pluginAlias: name,
      pluginType: "core",
      load: () => this.findCommand(id),
    }));
  }

  /** oclif asks for those of the manifest only. */
  async findCommand(id) {
    const { default: command } = await commands[id]();
    return Object.assign(command, { id, plugin: this });
  }
}

// oclif looks in each start for a theme of a person's own, which no page of ours speaks of.
Config.prototype.loadTheme = () => Promise.resolve();

/** Runs one command line. @param root folder of package.json */
export async function main(argv, root) {
  const pjson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const plugin = new BuiltPlugin({ root, pjson, isRoot: true });
  await plugin.load();
  // Not a Config: oclif would load it once more.
  const options = { root, pjson, plugins: new Map([[plugin.name, plugin]]), enableAutoTranspile: false };
  await run(argv, options).then(() => flush(), handle);
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { asker } from "../lib/cli/asker.ts";

export default class Init extends BaseCommand {
  static override summary = "Look at a repository and write the threads.yml that fits it";
  static override description =
    "Reads compose files, ports, health checks, routes and the git remote of the working directory, asks a few questions " +
    "on a terminal, and writes an annotated threads.yml that says of each key why it is as it is. --workflows adds the " +
    "GitHub workflows and the action that they use. What is there already is never replaced without --force.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --yes --workflows",
    "<%= config.bin %> <%= command.id %> --dry-run",
  ];
  static override flags = {
    yes: Flags.boolean({ char: "y", summary: "Ask nothing: take what was found" }),
    "dry-run": Flags.boolean({ summary: "Show what would be written" }),
    force: Flags.boolean({ summary: "Replace files that are there" }),
    workflows: Flags.boolean({ summary: "Write GitHub workflows, too" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Init);
    await this.perform(
      flags,
      async (world) => {
        const [{ init }, { openInit }] = await Promise.all([
          import("../lib/actions/init/run.ts"),
          import("../lib/wire/init.ts"),
        ]);
        const ask = flags.yes || flags.json ? undefined : await asker(process, world);
        const { "dry-run": dryRun, force, workflows } = flags;
        return init({ dryRun, force, workflows }, openInit(world, { cwd: process.cwd(), config: flags.config, ask }));
      },
      async () => (await import("../lib/output/render/init.ts")).renderInit,
    );
  }
}

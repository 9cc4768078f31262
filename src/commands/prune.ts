import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Prune extends BaseCommand {
  static override summary = "Remove what killed runs have left on this machine: stacks, images and folders";
  static override description =
    "smoke, test and promote take down what they start; a run that is killed cannot. Only what belongs to no living " +
    "process is found: of a run that still works, on this machine or another, nothing is touched, nor anything of the " +
    "sandbox. Without --yes it only lists what would go. Exit code 6 where some of it could not be removed.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --yes"];
  static override flags = {
    "dry-run": Flags.boolean({ summary: "Only list what would be removed, as without --yes", exclusive: ["yes"] }),
    yes: Flags.boolean({ summary: "Remove it" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Prune);
    const result = await this.perform(
      flags,
      async (world) => {
        const { prune } = await import("../lib/actions/prune/run.ts");
        const { openPrune } = await import("../lib/wire/prune.ts");
        return prune({ yes: flags.yes }, openPrune(world));
      },
      async () => (await import("../lib/output/render/prune.ts")).renderPrune,
    );
    if (result.outcome === "partly-pruned") this.endAs("partial");
  }
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Publish extends BaseCommand {
  static override summary = "Push the images that passed the smoke test, and last the bundle that makes them a release";
  static override description =
    "Pushes what `threads smoke` tagged for HEAD and never builds. What is in the registry already is left alone, so " +
    "running it again finishes what an interruption left open. Other contents under the same sha are refused.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --dry-run"];
  static override flags = {
    "dry-run": Flags.boolean({ summary: "Print what would be pushed, and do nothing" }),
  };

  protected override readonly asks = ["ecr", "sts"] as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(Publish);
    await this.perform(
      flags,
      async (world) => {
        const [{ publish }, { openPublication }] = await Promise.all([
          import("../lib/actions/publish/run.ts"),
          import("../lib/wire/publication.ts"),
        ]);
        return publish({ dryRun: flags["dry-run"] }, await openPublication(world));
      },
      async () => (await import("../lib/output/render/publish.ts")).renderPublish,
    );
  }
}

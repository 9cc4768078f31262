import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";
import { confirmer } from "../../lib/cli/asker.ts";

export default class CompletionUninstall extends BaseCommand {
  static override summary = "Take the completion of threads away again";
  static override description =
    "Removes the file that `completion install` has written, and no other. Asks first; without a terminal it needs --yes. Lines that you have put into your own start-up files stay.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> zsh --yes",
    "<%= config.bin %> <%= command.id %> fish --dry-run",
  ];
  static override args = {
    shell: Args.string({ description: "bash, zsh or fish (default: that of $SHELL)", ignoreStdin: true }),
  };
  static override flags = {
    yes: Flags.boolean({ char: "y", summary: "Ask nothing: remove it" }),
    "dry-run": Flags.boolean({ summary: "Say which file it is, and leave it" }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CompletionUninstall);
    const { yes, "dry-run": dryRun, json } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ removeCompletion }, { openCompletion }] = await Promise.all([
          import("../../lib/actions/completion/run.ts"),
          import("../../lib/wire/completion.ts"),
        ]);
        const confirm = yes || dryRun || json ? undefined : await confirmer(process, world);
        const ports = openCompletion(world, { manifest: this.config, confirm });
        return removeCompletion({ shell: args.shell, yes, dryRun }, ports);
      },
      async () => (await import("../../lib/output/render/completion.ts")).renderCompletion,
    );
  }
}

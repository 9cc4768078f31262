import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";
import { confirmer } from "../../lib/cli/asker.ts";

export default class CompletionInstall extends BaseCommand {
  static override summary = "Put the completion of threads where your shell looks for it";
  static override description =
    "Writes one file into your own folders: bash reads it with the package bash-completion, zsh from a folder of its fpath, fish by itself; what is still to be done is told. Asks first; without a terminal it needs --yes. The same again, and after an update, replaces what it wrote and nothing else.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> zsh --yes",
    "<%= config.bin %> <%= command.id %> fish --dry-run",
  ];
  static override args = {
    shell: Args.string({ description: "bash, zsh or fish (default: that of $SHELL)", ignoreStdin: true }),
  };
  static override flags = {
    yes: Flags.boolean({ char: "y", summary: "Ask nothing: write it" }),
    "dry-run": Flags.boolean({ summary: "Say which file it would be, and write nothing" }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CompletionInstall);
    const { yes, "dry-run": dryRun, json } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ installCompletion }, { openCompletion }] = await Promise.all([
          import("../../lib/actions/completion/run.ts"),
          import("../../lib/wire/completion.ts"),
        ]);
        const confirm = yes || dryRun || json ? undefined : await confirmer(process, world);
        const ports = openCompletion(world, { manifest: this.config, confirm });
        return installCompletion({ shell: args.shell, yes, dryRun }, ports);
      },
      async () => (await import("../../lib/output/render/completion.ts")).renderCompletion,
    );
  }
}

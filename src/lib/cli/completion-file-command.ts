import { Args, Flags } from "@oclif/core";
import { confirmer } from "./asker.ts";
import { BaseCommand } from "./base-command.ts";

/** `completion install` and `completion uninstall`: one line, and what is done to the file of a shell. */
export abstract class CompletionFileCommand extends BaseCommand {
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> zsh --yes",
    "<%= config.bin %> <%= command.id %> fish --dry-run",
  ];
  static override args = {
    shell: Args.string({ description: "bash, zsh or fish (default: that of $SHELL)", ignoreStdin: true }),
  };
  static override flags = {
    yes: Flags.boolean({ char: "y", summary: "Ask nothing: do it" }),
    "dry-run": Flags.boolean({ summary: "Say which file it is, and leave it as it is" }),
  };

  protected abstract readonly change: "installCompletion" | "removeCompletion";

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CompletionFileCommand);
    const { yes, "dry-run": dryRun, json } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [actions, { openCompletion }] = await Promise.all([
          import("../actions/completion/run.ts"),
          import("../wire/completion.ts"),
        ]);
        const confirm = yes || dryRun || json ? undefined : await confirmer(process, world);
        const ports = openCompletion(world, { manifest: this.config, confirm });
        return actions[this.change]({ shell: args.shell, yes, dryRun }, ports);
      },
      async () => (await import("../output/render/completion.ts")).renderCompletion,
    );
  }
}

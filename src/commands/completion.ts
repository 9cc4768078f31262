import { Args } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Completion extends BaseCommand {
  static override summary = "Print the script that makes a shell complete threads";
  static override description =
    "Completes commands and flags, and what stands behind them: environments and services of threads.yml, gates, and as " +
    "releases the branches, tags and last commits of this clone. It starts neither threads nor asks AWS, so that a key is " +
    "answered at once. `completion install` puts it where the shell looks.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> install",
    "source <(<%= config.bin %> <%= command.id %> bash)",
    "<%= config.bin %> <%= command.id %> fish | source",
  ];
  static override args = { shell: Args.string({ description: "bash, zsh or fish", ignoreStdin: true }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Completion);
    const result = await this.perform(
      flags,
      async () => {
        const [{ printCompletion }, { completionSubject }] = await Promise.all([
          import("../lib/actions/completion/run.ts"),
          import("../lib/wire/completion.ts"),
        ]);
        return printCompletion(args.shell, completionSubject(this.config));
      },
      async () => () => [],
    );
    if (!flags.json) this.terminal().out.write(result.script);
  }
}

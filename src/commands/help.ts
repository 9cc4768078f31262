import { BaseCommand } from "../lib/cli/base-command.ts";
import ThreadsHelp from "../lib/cli/help.ts";
import { isSubject } from "../lib/help/pages.ts";

export default class Help extends BaseCommand {
  static override summary = "Show the page of a command, or one about a subject";
  static override description =
    "A subject is what no single command explains: `threads help` ends with their names. Without a terminal a subject is " +
    "printed as the Markdown that it is. `help json COMMAND` prints the JSON Schema of what that command prints with --json.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> deploy",
    "<%= config.bin %> <%= command.id %> application",
    "<%= config.bin %> <%= command.id %> json deploy",
  ];
  static override usage = "<%= command.id %> [COMMAND… | SUBJECT]";
  static override strict = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Help);
    const words = argv as string[];
    if (!flags.json && !isSubject(words)) return new ThreadsHelp(this.config).showPage(words);
    await this.perform(
      flags,
      async () => {
        const [{ help }, { helpText }] = await Promise.all([
          import("../lib/actions/help/run.ts"),
          import("../lib/cli/help-text.ts"),
        ]);
        return help(words, (command) => helpText(command, this.config));
      },
      async () => (await import("../lib/output/render/help.ts")).renderHelp,
    );
  }
}

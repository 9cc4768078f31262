import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Open extends BaseCommand {
  static override summary = "Show where an environment answers, and open it in a browser";
  static override description =
    "Prints the `url` that threads.yml gives the environment, in a sandbox the addresses of its hosts, and opens the first " +
    "one. Without a terminal, in CI, with --json or --print it only prints. AWS is not asked.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e staging",
    "<%= config.bin %> <%= command.id %> -e prod --host prod-2 --print",
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to open" }),
    host: Flags.string({ summary: "Id or name of one host of a sandbox", helpValue: "HOST" }),
    print: Flags.boolean({ summary: "Only print the addresses" }),
  };

  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { flags } = await this.parse(Open);
    const { environment, host, print, json } = flags;
    const { live, columns } = this.terminal();
    const isSeen = !print && !json && live && columns !== undefined;
    await this.perform(
      flags,
      async (world) => {
        const [{ open }, { openOpen }] = await Promise.all([
          import("../lib/actions/open/run.ts"),
          import("../lib/wire/open.ts"),
        ]);
        return open({ environment, host }, await openOpen({ isSeen }, world));
      },
      async () => (await import("../lib/output/render/open.ts")).renderOpen,
    );
  }
}

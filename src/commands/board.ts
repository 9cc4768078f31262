import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Board extends BaseCommand {
  static override summary = "Show every environment as a page of this machine, live";
  static override description =
    "What runs on each host and since when, what is not as it was deployed, the gates of what comes next, what was done, and " +
    "on demand what containers say. The page is read only and for browsers of this machine alone: its address has a key. " +
    "What cannot be read says why, and hides nothing else. While the page is out of sight nothing is asked. Ctrl-C ends it. " +
    "With --json: one look, without a page; exit code 6 where not all could be read.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --open",
    "<%= config.bin %> <%= command.id %> -e prod --port 8100",
    "<%= config.bin %> <%= command.id %> --json",
  ];
  static override flags = {
    environment: environmentFlag({ summary: "Only this environment (default: all)" }),
    port: Flags.integer({
      summary: "Port of the page (default: a free one)",
      min: 1,
      max: 65_535,
      helpValue: "NUMBER",
    }),
    open: Flags.boolean({ summary: "Open the page in a browser" }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { flags } = await this.parse(Board);
    const { environment, port, open, json } = flags;
    const result = await this.perform(
      flags,
      async (world) => {
        const { openBoard } = await import("../lib/wire/board.ts");
        const ports = await openBoard(world);
        if (json) return (await import("../lib/actions/board/look.ts")).lookAtBoard(environment, ports);
        const { boardPage } = await import("../lib/cli/board-page.ts");
        const typed = <T>(seen: T): T => this.typable(seen);
        return boardPage({ environment, port, isOpened: open, terminal: this.terminal(), typed }, ports, world);
      },
      async () => () => [],
    );
    if (this.isInterrupted) this.endAs("interrupted");
    else if (result.outcome !== "seen") this.endAs("partial");
  }
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class History extends BaseCommand {
  static override summary = "List the deployments of an environment, newest first";
  static override description =
    "Number, time, kind, release, result, author and hosts, as the ledger has them. The hosts are not asked: that is `threads status`.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> -e prod --limit 50 --json",
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to look at" }),
    limit: Flags.integer({ summary: "Show this many at most", default: 20, min: 1, helpValue: "NUMBER" }),
  };

  protected override readonly asks = ["ssm"] as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(History);
    await this.perform(
      flags,
      async ({ clock, signal, ...world }) => {
        const [{ history }, { parameterLedger }, config, aws] = await Promise.all([
          import("../lib/actions/history/run.ts"),
          import("../lib/ledger/parameters.ts"),
          world.config(),
          world.aws(),
        ]);
        const ledger = parameterLedger({ aws, clock, signal, app: config.app });
        return history({ environment: flags.environment, limit: flags.limit }, { config, ledger });
      },
      async () => (await import("../lib/output/render/history.ts")).renderHistory,
    );
  }
}

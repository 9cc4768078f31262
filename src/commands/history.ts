import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class History extends BaseCommand {
  static override summary = "List the deployments of an environment, newest first, or tell one of them in detail";
  static override description =
    "Number, time, kind, release, result, author and hosts, as the ledger has them, a page at a time. With a number: that " +
    "deployment, with each host's state, why it failed, what was overridden for it and where its log is. --all lists with " +
    "them promotions, overrides, freezes and what lifted them, each with its reason. The hosts are not asked: that is " +
    "`threads status`. --compact folds deployments and commands that lie a year back, ten into one record: images of the " +
    "deployments and names of their hosts are dropped, and what a rollback needs is never touched.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> -e prod 12",
    "<%= config.bin %> <%= command.id %> -e prod --all",
    "<%= config.bin %> <%= command.id %> -e prod --limit 50 --json",
    "<%= config.bin %> <%= command.id %> -e prod --compact --dry-run",
  ];
  static override args = { deployment: Args.string({ ignoreStdin: true, description: "Number of one deployment" }) };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to look at" }),
    all: Flags.boolean({ summary: "Promotions, overrides and freezes too", exclusive: ["before"] }),
    limit: Flags.integer({ summary: "Read and show this many at most (default: 20)", min: 1, helpValue: "NUMBER" }),
    before: Flags.integer({ summary: "Show what is older than this deployment", min: 2, helpValue: "NUMBER" }),
    compact: Flags.boolean({ summary: "Fold what lies a year back", exclusive: ["all", "before", "limit"] }),
    "dry-run": Flags.boolean({ summary: "Only say what --compact would fold", dependsOn: ["compact"] }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needs = "target";
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(History);
    const { environment, "dry-run": dryRun, ...options } = flags;
    if (flags.compact)
      await this.perform(
        flags,
        async (world) => {
          const { compact } = await import("../lib/actions/history/compact.ts");
          const { openCompaction } = await import("../lib/wire/compaction.ts");
          return compact({ environment, dryRun }, await openCompaction(world));
        },
        async () => (await import("../lib/output/render/history.ts")).renderCompact,
      );
    else
      await this.perform(
        flags,
        async (world) => {
          const { showHistory } = await import("../lib/actions/history/show.ts");
          const { openHistory } = await import("../lib/wire/history.ts");
          return showHistory({ environment, deployment: args.deployment, ...options }, await openHistory(world));
        },
        async () => (await import("../lib/output/render/past.ts")).renderPast,
      );
  }
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { openPage } from "../lib/cli/open-page.ts";

export default class Metrics extends BaseCommand {
  static override summary = "Tell how often an environment changes, how often that fails, and how long both take";
  static override description =
    "The four keys of DORA's research, week by week: changes, the part of them that failed, the time from a commit until it " +
    "serves on all hosts, and from a failure until they ran one release again; both are medians. From the ledger and git " +
    "alone: hosts are not asked.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> -e prod --since 30d --json",
    "<%= config.bin %> <%= command.id %> -e prod --report metrics.html",
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to measure" }),
    since: Flags.string({ summary: "How long ago it begins", default: "90d", helpValue: "TIME" }),
    report: Flags.string({ summary: "Write a page with charts there, which opens from a disk", helpValue: "FILE" }),
    open: Flags.boolean({
      summary: "Write the page, beside the records of runs where --report is missing, and open it",
    }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needs = "target";
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { flags } = await this.parse(Metrics);
    const { environment, since, report, open } = flags;
    const isSeen = !flags.json && this.terminal().live;
    await this.perform(
      flags,
      async (world) => {
        const { metrics } = await import("../lib/actions/metrics/run.ts");
        const { openMetrics } = await import("../lib/wire/metrics.ts");
        const show = await openPage({ report, open, isSeen, name: "metrics.html" }, world);
        const measured = await metrics({ environment, since }, await openMetrics(world));
        return show(measured, async () => (await import("../lib/output/page/metrics-page.ts")).metricsPage);
      },
      async () => (await import("../lib/output/render/metrics.ts")).renderMetrics,
    );
  }
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { loadFlags } from "../lib/cli/load-flags.ts";
import { openPage } from "../lib/cli/open-page.ts";

export default class Stress extends BaseCommand {
  static override summary = "Put what was deployed under load, and hold it to a budget";
  static override description =
    "Makes requests at a constant rate, whether answers come or not: to the environment's `url`, in a sandbox to each host. " +
    "Latencies count from when a request was due. Where the budget is kept, that is put on record for a gate that asks for " +
    "it; exit code 5 where it is not, 6 where what was measured proves nothing. Ctrl-C ends it with what was counted, and records nothing.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e staging",
    "<%= config.bin %> <%= command.id %> -e staging --duration 60s --rate 200 --budget p99=200ms,errors=0",
    "<%= config.bin %> <%= command.id %> -e staging --open",
    "<%= config.bin %> <%= command.id %> -e prod --rate 20 --sure prod",
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to put under load" }),
    ...loadFlags,
    sure: Flags.string({ summary: "The environment once more, where it has gates", helpValue: "ENV" }),
    report: Flags.string({
      summary: "Write a page with charts there, which opens from a disk",
      helpValue: "FILE",
      exclusive: ["dry-run"],
    }),
    open: Flags.boolean({
      summary: "Write the page, beside the records of runs where --report is missing, and open it",
      exclusive: ["dry-run"],
    }),
    "dry-run": Flags.boolean({ summary: "Print what would be asked of whom, and ask nothing" }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needs = "hosts";

  async run(): Promise<void> {
    const { flags } = await this.parse(Stress);
    const { environment, rate, budget, sure, report, open, duration: durationMs, "dry-run": dryRun } = flags;
    const isSeen = !flags.json && this.terminal().live;
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ stress }, { openStress }] = await Promise.all([
          import("../lib/actions/stress/run.ts"),
          import("../lib/wire/stress.ts"),
        ]);
        const show = await openPage({ report, open, isSeen, name: "stress.html" }, world);
        const options = { environment, rate, durationMs, budget, sure, dryRun };
        const measured = await stress(options, await openStress(world));
        if (measured.outcome === "planned") return measured;
        return show(measured, async () => (await import("../lib/output/page/stress-page.ts")).stressPage);
      },
      async () => (await import("../lib/output/render/stress.ts")).renderStress,
    );
    if (result.outcome === "failed") this.endAs("checks");
    if (result.outcome === "doubted") this.endAs("partial");
    if (result.outcome === "interrupted") this.endAs("interrupted");
  }
}

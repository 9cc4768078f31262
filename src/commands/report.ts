import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Report extends BaseCommand {
  static override summary = "Show what a release went through on this machine, each step beside its usual time";
  static override description =
    "Reads the records that commands leave in .threads/runs: test, smoke, publish, promote, deploy and what else was done " +
    "with the newest release, its phases, and how long both took; usual is the median of earlier runs. With the name of a " +
    "run or a revision: that release. As a page with --output or --open, with links to the logs of containers and hosts. " +
    "Nobody is asked.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --open",
    "<%= config.bin %> <%= command.id %> 4f2c1d9 --output report.html",
  ];
  static override args = {
    run: Args.string({ ignoreStdin: true, description: "Name of a run, or a revision (default: the newest release)" }),
  };
  static override flags = {
    output: Flags.string({ summary: "Write a page there, which opens from a disk", helpValue: "FILE" }),
    open: Flags.boolean({ summary: "Write the page, beside the records where --output is missing, and open it" }),
  };

  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Report);
    const { output, open, json } = flags;
    const isSeen = open && !json && this.terminal().live;
    await this.perform(
      flags,
      async (world) => {
        const [{ report }, { openReport }, { withTrainPage }] = await Promise.all([
          import("../lib/actions/report/run.ts"),
          import("../lib/wire/report.ts"),
          import("../lib/cli/train-page.ts"),
        ]);
        const { browse, ...ports } = await openReport({ isSeen }, world);
        return withTrainPage(report(args.run, ports), { output, open, browse });
      },
      async ({ clock }) => (await import("../lib/output/render/report.ts")).reportRenderer(clock.now()),
    );
  }
}

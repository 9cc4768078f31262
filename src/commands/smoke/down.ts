import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";

export default class SmokeDown extends BaseCommand {
  static override summary = "Remove smoke stacks that were kept";
  static override description =
    "Removes a stack that `threads smoke --keep` has left, with its volumes, networks and images; without a name all of the " +
    "application that are kept. The stack of a run that is at work is refused. Exit code 6 where some of it could not be removed.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> threads-smoke-1f2e3d4c",
  ];
  static override args = { stack: Args.string({ description: "As `threads smoke list` names it", ignoreStdin: true }) };
  static override flags = { "dry-run": Flags.boolean({ summary: "Only list what would be removed" }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SmokeDown);
    const projects = args.stack === undefined ? [] : [args.stack];
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ downSmoke }, { openSmokeStacks }] = await Promise.all([
          import("../../lib/actions/smoke/down.ts"),
          import("../../lib/wire/smoke-stacks.ts"),
        ]);
        return downSmoke({ projects, dryRun: flags["dry-run"] }, await openSmokeStacks(world));
      },
      async () => (await import("../../lib/output/render/smoke-stacks.ts")).renderSmokeDown,
    );
    if (result.outcome === "partly-down") this.endAs("partial");
  }
}

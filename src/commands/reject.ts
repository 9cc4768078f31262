import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Reject extends BaseCommand {
  static override summary = "Reject a release for an environment: it cannot be promoted until that is taken back";
  static override description =
    "Writes down that you, as AWS knows you, speak against this very bundle in that environment: whoever else approves it, the " +
    "gate stays shut until you take that back with --withdraw, or approve it. Whoever promotes reads the comment. What was " +
    "said stays on record; the last word counts.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> 3f9c2ab -e prod --comment "the migration locks the table"',
    "<%= config.bin %> <%= command.id %> 3f9c2ab -e prod --withdraw",
  ];
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Sha, version, tag, branch, or an environment's name for what runs there (default: HEAD)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment for which it is meant" }),
    comment: Flags.string({ summary: "Why; needed to reject", helpValue: "TEXT" }),
    withdraw: Flags.boolean({ summary: "Take your rejection back" }),
    "dry-run": Flags.boolean({ summary: "Only say what it would write down, and whether it would count" }),
  };

  protected override readonly asks = ["ecr", "sts", "ssm"] as const;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Reject);
    const { environment, comment, withdraw, "dry-run": dryRun } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ approve }, { openApproval }] = await Promise.all([
          import("../lib/actions/approve/run.ts"),
          import("../lib/wire/approve.ts"),
        ]);
        const said = { release: args.release, environment, word: "rejected", comment, withdraw, dryRun } as const;
        return approve(said, await openApproval(world));
      },
      async () => (await import("../lib/output/render/approve.ts")).renderApprove,
    );
  }
}

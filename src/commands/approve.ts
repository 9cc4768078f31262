import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Approve extends BaseCommand {
  static override summary = "Approve a release for an environment that asks for approvals";
  static override description =
    "Writes down that you, as AWS knows you, stand behind this very bundle in that environment; `gates.approvals` says how " +
    "many must, and who counts. Whoever wrote the commit or promotes it does not, unless threads.yml says so. Another " +
    "bundle, be it of the same commit, needs approvals of its own. What was said stays on record; the last word counts.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> 3f9c2ab -e prod",
    '<%= config.bin %> <%= command.id %> 3f9c2ab -e prod --comment "looked at the migrations"',
  ];
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Sha, version, tag, branch, or an environment's name for what runs there (default: HEAD)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment for which it is meant" }),
    comment: Flags.string({ summary: "What others should read beside it", helpValue: "TEXT" }),
    withdraw: Flags.boolean({ summary: "Take your approval back" }),
    "dry-run": Flags.boolean({ summary: "Only say what it would write down, and whether it would count" }),
  };

  protected override readonly asks = ["ecr", "sts", "ssm"] as const;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Approve);
    const { environment, comment, withdraw, "dry-run": dryRun } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ approve }, { openApproval }] = await Promise.all([
          import("../lib/actions/approve/run.ts"),
          import("../lib/wire/approve.ts"),
        ]);
        const said = { release: args.release, environment, word: "approved", comment, withdraw, dryRun } as const;
        return approve(said, await openApproval(world));
      },
      async () => (await import("../lib/output/render/approve.ts")).renderApprove,
    );
  }
}

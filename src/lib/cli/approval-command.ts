import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "./base-command.ts";
import { environmentFlag } from "./environment-flag.ts";

/** `approve` and `reject`: one line, and what somebody says of a release. */
export abstract class ApprovalCommand extends BaseCommand {
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Sha, version, tag, branch, or an environment's name for what runs there (default: HEAD)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment for which it is meant" }),
    comment: Flags.string({ summary: "What others should read beside it; needed to reject", helpValue: "TEXT" }),
    withdraw: Flags.boolean({ summary: "Take back what you have said" }),
    "dry-run": Flags.boolean({ summary: "Only say what it would write down, and whether it would count" }),
  };

  protected override readonly asks = ["ecr", "sts", "ssm"] as const;
  protected override readonly needs = "approvals";
  protected abstract readonly word: "approved" | "rejected";

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ApprovalCommand);
    const { environment, comment, withdraw, "dry-run": dryRun } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ approve }, { openApproval }] = await Promise.all([
          import("../actions/approve/run.ts"),
          import("../wire/approve.ts"),
        ]);
        const said = { release: args.release, environment, word: this.word, comment, withdraw, dryRun };
        return approve(said, await openApproval(world));
      },
      async () => (await import("../output/render/approve.ts")).renderApprove,
    );
  }
}

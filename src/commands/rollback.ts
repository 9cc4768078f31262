import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { withoutFlag } from "../lib/cli/without-flag.ts";
import { withAddresses } from "../lib/cli/with-addresses.ts";

export default class Rollback extends BaseCommand {
  static override summary = "Bring an environment back to the release before";
  static override description =
    "Needs no release: the ledger knows it, and the hosts have kept its images, so the registry is not asked. A second " +
    "rollback goes further back; a release that has run there is reached by its deployment's number, its sha or its branch, " +
    "and what hosts have not kept of it they pull by digest. It is a new deployment of its own in the history. Migrations " +
    "are not reversed, and behind one that contracts it does not go unless told. Afterwards it holds the environment: no " +
    "other release is deployed to it until one is told `deploy --lift-hold` with this rollback's number.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> -e prod --dry-run",
    "<%= config.bin %> <%= command.id %> -e prod 124",
    "<%= config.bin %> <%= command.id %> -e prod --without web-2",
    '<%= config.bin %> <%= command.id %> -e prod --reason "orders are lost"',
  ];
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Number of a deployment, full or short sha, or branch (default: the release before)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to roll back" }),
    "across-contract": Flags.boolean({ summary: "Go back although a contract migration came since" }),
    "dry-run": Flags.boolean({ summary: "Print the release, the hosts and the steps, and do nothing" }),
    reason: Flags.string({ summary: "Why: whoever its hold stops reads that", helpValue: "TEXT" }),
    supersede: Flags.integer({ summary: "Take over this unfinished deployment", helpValue: "NUMBER", min: 1 }),
    wait: Flags.boolean({ summary: "Where somebody else is at work, wait until they have ended" }),
    without: withoutFlag,
  };

  protected override readonly asks = ["ssm", "sts"] as const;
  protected override readonly needs = "target";

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rollback);
    const { environment, supersede, reason, wait, without = [] } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ rollback }, { openRollback }] = await Promise.all([
          import("../lib/actions/rollback/run.ts"),
          import("../lib/wire/rollback.ts"),
        ]);
        const switches = { dryRun: flags["dry-run"], acrossContract: flags["across-contract"] };
        return rollback(
          { environment, release: args.release, supersede, reason, wait, without, ...switches },
          await openRollback(world),
        );
      },
      (world) => withAddresses(world, async () => (await import("../lib/output/render/rollout.ts")).rolloutRenderer),
    );
  }
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Freeze extends BaseCommand {
  static override summary =
    "Stop the line: nothing is promoted or deployed to an environment until the freeze is lifted";
  static override description =
    "Writes down who stopped it, when and why; everybody who is stopped reads that. A rollback is always allowed. " +
    "Freezing what another has frozen is a conflict, so that no reason gets lost; who lifted a freeze is kept too.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> -e prod --reason "the payment provider is down"',
    "<%= config.bin %> <%= command.id %> -e prod --lift",
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to freeze" }),
    reason: Flags.string({ summary: "Why; needed to freeze", helpValue: "TEXT", exclusive: ["lift"] }),
    lift: Flags.boolean({ summary: "Let promotions and deployments through again" }),
    "dry-run": Flags.boolean({ summary: "Only say what it would do, and whether it would be refused" }),
  };

  protected override readonly asks = ["ssm", "sts"] as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(Freeze);
    const { environment, reason, lift, "dry-run": dryRun } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ freeze }, { openFreeze }] = await Promise.all([
          import("../lib/actions/freeze/run.ts"),
          import("../lib/wire/freeze.ts"),
        ]);
        return freeze({ environment, reason, lift, dryRun }, await openFreeze(world));
      },
      async () => (await import("../lib/output/render/freeze.ts")).renderFreeze,
    );
  }
}

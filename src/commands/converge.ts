import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { withAddresses } from "../lib/cli/with-addresses.ts";

export default class Converge extends BaseCommand {
  static override summary = "Bring hosts to what the ledger says";
  static override description =
    "For a host that was added, or left out, or does not run what it should: it gets the newest release that came to every " +
    "host. Hosts that run it already are left as they are, so that it may run again and again. It brings nothing new: no " +
    "migration runs, the registry is not asked by threads, and neither a freeze nor the hold of a rollback is in its way.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> -e prod --host web-4",
    "<%= config.bin %> <%= command.id %> -e prod --dry-run",
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment of the hosts" }),
    host: Flags.string({ summary: "Bring this host alone, by name or id", helpValue: "HOST" }),
    "dry-run": Flags.boolean({ summary: "Print the release, the hosts and the steps, and do nothing" }),
    supersede: Flags.integer({ summary: "Take over this unfinished deployment", helpValue: "NUMBER", min: 1 }),
    wait: Flags.boolean({ summary: "Where somebody else is at work, wait until they have ended" }),
  };

  protected override readonly asks = ["ssm", "sts"] as const;
  protected override readonly needs = "target";

  async run(): Promise<void> {
    const { flags } = await this.parse(Converge);
    const { environment, host, supersede, wait, "dry-run": dryRun } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ converge }, { openRollback }] = await Promise.all([
          import("../lib/actions/converge/run.ts"),
          import("../lib/wire/rollback.ts"),
        ]);
        return converge({ environment, host, supersede, wait, dryRun }, await openRollback(world));
      },
      (world) => withAddresses(world, async () => (await import("../lib/output/render/rollout.ts")).rolloutRenderer),
    );
  }
}

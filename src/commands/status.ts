import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { withAddresses } from "../lib/cli/with-addresses.ts";

export default class Status extends BaseCommand {
  static override summary = "Show what really runs: every environment, host and service, by digest";
  static override description =
    "Asks the hosts and compares their answers with the ledger. Exit code 0 when everything is as it was deployed; 5 when " +
    "something is not: another digest, a container that is missing or unwell, a host that is offline, a deployment that " +
    "was left in the middle or seems dead. One that is at work is no fault, and neither is a freeze or the hold of a " +
    "rollback: they are shown with who, why and since when.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> -e prod --json",
  ];
  static override flags = {
    environment: environmentFlag({ summary: "Only this environment (default: all)" }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needsHosts = true;
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ status }, { openStatus }] = await Promise.all([
          import("../lib/actions/status/run.ts"),
          import("../lib/wire/status.ts"),
        ]);
        return status({ environment: flags.environment }, await openStatus(world));
      },
      (world) => withAddresses(world, async () => (await import("../lib/output/render/status.ts")).statusRenderer),
    );
    if (result.outcome === "not-as-deployed") this.endAs("checks");
  }
}

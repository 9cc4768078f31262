import { Flags } from "@oclif/core";
import type { StatusResult } from "../lib/fleet/status-result.ts";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { withAddresses } from "../lib/cli/with-addresses.ts";
import type { Render } from "../lib/output/paint.ts";
import type { WatchScreen } from "../lib/output/watch-screen.ts";
import type { World } from "../lib/wire/world.ts";

export default class Status extends BaseCommand {
  static override summary = "Show what really runs: every environment, host and service, by digest";
  static override description =
    "Asks the hosts and compares their answers with the ledger. Exit code 0 when everything is as it was deployed; 5 when " +
    "something is not: another digest, a container that is missing or unwell, a file of the release or the environment that " +
    "was changed on a host, a host that is offline or of an earlier fleet, a deployment that was left in the middle or " +
    "seems dead. One that is at work is no fault, and neither is a freeze or the hold of a rollback: they are shown with " +
    "who, why and since when.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> -e prod --json",
    "<%= config.bin %> <%= command.id %> -e prod --watch",
  ];
  static override flags = {
    environment: environmentFlag({ summary: "Only this environment (default: all)" }),
    watch: Flags.boolean({ summary: "Look again every few seconds, until Ctrl-C; without a terminal a line a change" }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needs = "target";
  protected override readonly looksOnly = true;

  /** Where --watch shows what it sees. */
  private async screen(json: boolean, render: Render<StatusResult>): Promise<WatchScreen<StatusResult>> {
    const { watchScreen } = await import("../lib/output/watch-screen.ts");
    return watchScreen(this.terminal(), { json, render, typed: (result) => this.typable(result) });
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    const { environment, watch, json } = flags;
    const renderer = (world: World) =>
      withAddresses(world, async () => (await import("../lib/output/render/status.ts")).statusRenderer);
    const result = await this.perform(
      { ...flags, json: json && !watch },
      async (world) => {
        const [{ status }, { openStatus }] = await Promise.all([
          import("../lib/actions/status/run.ts"),
          import("../lib/wire/status.ts"),
        ]);
        const ports = await openStatus(world);
        if (!watch) return status({ environment }, ports);
        const { watchStatus } = await import("../lib/actions/status/watch.ts");
        return watchStatus({ environment }, { ...ports, ...(await this.screen(json, await renderer(world))) });
      },
      watch ? async () => () => [] : renderer,
    );
    if (watch && this.isInterrupted) this.endAs("interrupted");
    if (!watch && result.outcome === "not-as-deployed") this.endAs("checks");
  }
}

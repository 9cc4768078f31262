import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Verify extends BaseCommand {
  static override summary = "Check what was deployed, on every host of an environment, or on ECS";
  static override description =
    "Each host asks its own application for every check of threads.yml that only looks, through the port that everybody " +
    "asks, and tells what runs on it; nothing needs to reach the hosts but SSM. An environment on ECS is asked from here, by the " +
    "`url` that threads.yml gives it, and ECS tells what its tasks run. The certificates that checks name are looked " +
    "at from here. Where all of that is as it must be, it is put on record for a gate that asks for it. Exit code 5 where something is wrong, 6 where " +
    "a host could not be asked.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e staging",
    "<%= config.bin %> <%= command.id %> -e prod --json",
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to check" }),
    "dry-run": Flags.boolean({ summary: "Print what would be asked of which hosts, and ask nothing" }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needs = "target";

  async run(): Promise<void> {
    const { flags } = await this.parse(Verify);
    const { environment, "dry-run": dryRun } = flags;
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ verify }, { openVerify }] = await Promise.all([
          import("../lib/actions/verify/run.ts"),
          import("../lib/wire/verify.ts"),
        ]);
        return verify({ environment, dryRun }, await openVerify(world));
      },
      async () => (await import("../lib/output/render/verify.ts")).renderVerify,
    );
    if (result.outcome === "failed") this.endAs("checks");
    if (result.outcome === "unread") this.endAs("partial");
  }
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Lock extends BaseCommand {
  static override summary = "Who is deploying to an environment, and break the lease of one who is gone";
  static override description =
    "deploy and rollback take the environment's lease and give a sign of life every few seconds. A holder who gives none for " +
    "13 seconds is taken for dead: the next one takes the lease over by itself, so that breaking one is seldom needed. To " +
    "keep others out by hand, freeze the environment.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> -e prod --break 124",
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to look at" }),
    break: Flags.integer({ summary: "Break the lease of this deployment", helpValue: "NUMBER", min: 1 }),
    force: Flags.boolean({ summary: "Break it although its holder lives", dependsOn: ["break"] }),
    "dry-run": Flags.boolean({ summary: "Only say what it would do, and whether it would be refused" }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needs = "target";

  async run(): Promise<void> {
    const { flags } = await this.parse(Lock);
    const { environment, break: breaks, force, "dry-run": dryRun } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ lock }, { openLock }] = await Promise.all([
          import("../lib/actions/lock/run.ts"),
          import("../lib/wire/lock.ts"),
        ]);
        return lock({ environment, breaks, force, dryRun }, await openLock(world));
      },
      async () => (await import("../lib/output/render/lock.ts")).renderLock,
    );
  }
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Doctor extends BaseCommand {
  static override summary = "Look at everything that a release needs, and name the fix for what is wrong";
  static override description =
    "Checks Node, configuration, git, Docker, the AWS account, the repositories and their settings, whether a lifecycle " +
    "policy would take an image that is deployed or a rollback target, the hosts, their documents and the ledger. Writes nothing " +
    "without --fix, which makes the documents by which hosts take orders where threads.yml says `documents: true`. Exit " +
    "code 0 when nothing is wrong, though some things may be worth a look; 3 otherwise.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> -e prod --json",
    "<%= config.bin %> <%= command.id %> -e prod --fix --dry-run",
  ];
  static override flags = {
    environment: environmentFlag({ summary: "Only this environment (default: all)" }),
    fix: Flags.boolean({ summary: "Make the documents by which hosts take orders, or new versions of them" }),
    "dry-run": Flags.boolean({ summary: "Say what --fix would make, and write nothing", dependsOn: ["fix"] }),
  };

  protected override readonly asks = ["ecr", "sts", "ssm"] as const;
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ doctor }, { openDoctor }] = await Promise.all([
          import("../lib/actions/doctor/run.ts"),
          import("../lib/wire/doctor.ts"),
        ]);
        const fix = flags.fix ? { dryRun: flags["dry-run"] } : undefined;
        return doctor({ environment: flags.environment, fix }, openDoctor(world));
      },
      async () => (await import("../lib/output/render/doctor.ts")).renderDoctor,
    );
    if (result.outcome === "failed") this.endAs("refused");
  }
}

import { Args } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { gateTexts } from "../lib/gates/names.ts";

export default class Gates extends BaseCommand {
  static override summary = "Show what stands between a release and an environment, and how to satisfy it";
  static override description =
    "Each gate with its state and the facts. published and freeze are asked for always, the others where threads.yml has " +
    "them. Exit code 0 when every gate is open, 3 when one is not.\n\n" +
    Object.entries(gateTexts)
      .map(([gate, asks]) => `${gate}: ${asks}`)
      .join("\n");
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> 3f9c2ab -e prod --json",
  ];
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Sha, version, tag, branch, or an environment's name for what runs there (default: HEAD)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ summary: "Environment to promote to", default: "prod" }),
  };

  protected override readonly asks = ["ecr", "sts", "ssm"] as const;
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Gates);
    const { environment } = flags;
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ gates }, { openGates }] = await Promise.all([
          import("../lib/actions/gates/run.ts"),
          import("../lib/wire/gates.ts"),
        ]);
        return gates({ release: args.release, environment }, await openGates(world));
      },
      async () => (await import("../lib/output/render/gates.ts")).renderGates,
    );
    if (result.outcome !== "open") this.endAs("refused");
  }
}

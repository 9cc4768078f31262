import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Promote extends BaseCommand {
  static override summary = "Test a published release by digest, then tag it for an environment";
  static override description =
    "Makes a plan (what is where, which gates stand, which commits and migrations it ships) and carries exactly that out: " +
    "runs the smoke stack from the published digests unless that is on record, checks that nothing moved meanwhile, and " +
    "gives the images and last the bundle the tag `prod-<sha>`. Nothing is built, pulled and pushed, or moved: the bytes " +
    "stay the same. Running it again finishes what an interruption left open. Where all that keeps the release out opens by " +
    "itself or by others, it says by whom and ends as `waiting`, with exit code 3; --wait goes on by itself.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> HEAD",
    "<%= config.bin %> <%= command.id %> 3f9c2ab --dry-run",
    "<%= config.bin %> <%= command.id %> staging --as v1.2.3",
    "<%= config.bin %> <%= command.id %> 3f9c2ab --wait",
    '<%= config.bin %> <%= command.id %> --override soak --reason "fixes the outage"',
  ];
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Sha, version, tag, branch, or an environment's name for what runs there (default: HEAD)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ summary: "Environment to promote to", default: "prod" }),
    "dry-run": Flags.boolean({ summary: "Print the plan, or why it would be refused, and do nothing" }),
    as: Flags.string({ summary: "Tag everything with this version too", helpValue: "VERSION" }),
    "repeat-smoke": Flags.boolean({ summary: "Run the smoke stack although it has passed on these digests" }),
    override: Flags.string({
      summary: "Open this gate; recorded with the reason",
      helpValue: "GATE",
      multiple: true,
      multipleNonGreedy: true,
    }),
    wait: Flags.boolean({
      summary: "Wait for gates that open by themselves or by others, then go on; Ctrl-C ends it",
      exclusive: ["dry-run"],
    }),
    reason: Flags.string({ summary: "Why gates are overridden", helpValue: "TEXT", dependsOn: ["override"] }),
  };

  protected override readonly asks = ["ecr", "sts", "ssm"] as const;
  protected override readonly needs = "gates";

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Promote);
    const { environment, as, override = [], reason, wait } = flags;
    const switches = { dryRun: flags["dry-run"], repeatSmoke: flags["repeat-smoke"], wait };
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ promote }, { parseOverrides }, { openPromotion }] = await Promise.all([
          import("../lib/actions/promote/run.ts"),
          import("../lib/gates/overrides.ts"),
          import("../lib/wire/promotion.ts"),
        ]);
        const overrides = parseOverrides(override, reason, (wrong, gate) => this.typedWith(wrong, gate));
        return promote({ release: args.release, environment, as, overrides, ...switches }, await openPromotion(world));
      },
      async () => (await import("../lib/output/render/promote.ts")).renderPromote,
    );
    if (result.outcome === "refused" || result.outcome === "waiting") this.endAs("refused");
  }
}

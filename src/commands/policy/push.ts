import { Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";
import { environmentFlag } from "../../lib/cli/environment-flag.ts";

export default class PolicyPush extends BaseCommand {
  static override summary = "Put an environment's gates where no branch can change them";
  static override description =
    "Writes what threads.yml asks of the environment into the ledger, with who did it. From then on promote, gates and deploy " +
    "go by the stricter of the two, gate by gate, whatever branch they run on. Only another push asks for less, and that needs " +
    "a reason. It takes the role policymaker of `threads policy iam`.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod --dry-run",
    '<%= config.bin %> <%= command.id %> -e prod --reason "one approval is enough until the team has grown"',
  ];
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment whose gates are pushed" }),
    reason: Flags.string({ summary: "Why it asks for less than what stands; needed for that", helpValue: "TEXT" }),
    "dry-run": Flags.boolean({ summary: "Only say what it would change, and whether it would be refused" }),
  };

  protected override readonly asks = ["ssm", "sts"] as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(PolicyPush);
    const { environment, reason, "dry-run": dryRun } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ pushPolicy }, { openPolicy }] = await Promise.all([
          import("../../lib/actions/policy/push.ts"),
          import("../../lib/wire/policy.ts"),
        ]);
        return pushPolicy({ environment, reason, dryRun }, await openPolicy(world));
      },
      async () => (await import("../../lib/output/render/policy.ts")).renderPolicyPush,
    );
  }
}

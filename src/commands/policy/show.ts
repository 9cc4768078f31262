import { BaseCommand } from "../../lib/cli/base-command.ts";
import { environmentFlag } from "../../lib/cli/environment-flag.ts";

export default class PolicyShow extends BaseCommand {
  static override summary = "Show the gates that are pushed for an environment, by whom, and how threads.yml differs";
  static override description =
    "Who has pushed them, Parameter Store says. Of each gate what the policy and what this threads.yml asks for, and which of " +
    "the two is the stricter: that is what promote, gates and deploy go by.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> -e prod --json",
  ];
  static override flags = {
    environment: environmentFlag({ summary: "Environment to show", default: "prod" }),
  };

  protected override readonly asks = ["ssm"] as const;
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { flags } = await this.parse(PolicyShow);
    const { environment } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ showPolicy }, { openPolicy }] = await Promise.all([
          import("../../lib/actions/policy/show.ts"),
          import("../../lib/wire/policy.ts"),
        ]);
        return showPolicy({ environment }, await openPolicy(world));
      },
      async () => (await import("../../lib/output/render/policy.ts")).renderPolicyShow,
    );
  }
}

import { Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";
import type { ShellName } from "../../lib/output/render/sandbox-env.ts";

export default class SandboxEnv extends BaseCommand {
  static override summary = "Print the variables that lead AWS tools to the sandbox";
  static override description =
    "Prints lines for a shell to evaluate: endpoint, region, throwaway credentials, ECR_REPO. Variables that would outrank them (a profile, per-service endpoints) are removed. " +
    "`github` prints NAME=value lines for $GITHUB_ENV. With --role the credentials of one of the roles that `threads policy " +
    "iam` prints, for half a day: what it may not do, the sandbox refuses.";
  static override examples = [
    'eval "$(<%= config.bin %> <%= command.id %>)"',
    'eval "$(<%= config.bin %> <%= command.id %> --role prod-deployer)"',
    "<%= config.bin %> <%= command.id %> --shell fish | source",
    '<%= config.bin %> <%= command.id %> --shell github >>"$GITHUB_ENV"',
  ];
  static override flags = {
    shell: Flags.string({ summary: "Whose syntax", options: ["sh", "fish", "github"], default: "sh" }),
    role: Flags.string({ summary: "With the rights of this role alone", helpValue: "ROLE" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxEnv);
    await this.perform(
      flags,
      async (world) => {
        const { runningEnvironment } = await import("../../lib/sandbox/environment.ts");
        const { role } = flags;
        const [{ author }, config] = await Promise.all([import("../../lib/ledger/author.ts"), world.config()]);
        return runningEnvironment(config, { role, user: author(world.env).user, now: world.clock.now() });
      },
      async () => (await import("../../lib/output/render/sandbox-env.ts")).renderSandboxEnv(flags.shell as ShellName),
    );
  }
}

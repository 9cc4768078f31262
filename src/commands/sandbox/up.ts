import { Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";

export default class SandboxUp extends BaseCommand {
  static override summary = "Start a registry, AWS APIs and hosts on this machine";
  static override description =
    "Brings up what every other command needs, in containers: a registry behind an ECR that is as strict as the real one, SSM, STS, hosts with Docker inside, and what sandbox.services of threads.yml asks for. " +
    "Each checkout has its own, on its own ports. What is up already is left alone; the data outlives `sandbox down`.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --hosts staging=1,prod=3",
  ];
  static override flags = {
    hosts: Flags.string({
      summary:
        "Hosts of each environment; the default is what the sandbox has, at first as many as threads.yml asks for at least",
      helpValue: "ENV=N,…",
    }),
    "dry-run": Flags.boolean({ summary: "Only say what would be started" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxUp);
    await this.perform(
      flags,
      async (world) => {
        const [{ up }, { hostsOf, parseHosts }, { openSandbox }, { packageFiles }] = await Promise.all([
          import("../../lib/sandbox/up.ts"),
          import("../../lib/sandbox/layout.ts"),
          import("../../lib/wire/sandbox.ts"),
          import("../../lib/sandbox/package-root.ts"),
        ]);
        const sandbox = await openSandbox(world);
        const known = hostsOf(sandbox.config).map(({ env }) => env);
        const hosts = flags.hosts === undefined ? undefined : parseHosts(flags.hosts, known);
        return up({ hosts, env: world.env, files: packageFiles(import.meta.url), dryRun: flags["dry-run"] }, sandbox);
      },
      async () => (await import("../../lib/output/render/sandbox-up.ts")).renderSandboxUp,
    );
  }
}

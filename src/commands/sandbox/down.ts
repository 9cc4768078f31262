import { Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";

export default class SandboxDown extends BaseCommand {
  static override summary = "Stop this checkout's sandbox";
  static override description =
    "Stops and removes the containers and the network. Images in the registry, parameters, databases and what is deployed on the hosts are kept for the next `sandbox up`; " +
    "--purge removes them too, with the sandbox's ports and credentials.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --purge"];
  static override flags = {
    purge: Flags.boolean({ summary: "Remove the data as well" }),
    "dry-run": Flags.boolean({ summary: "Only say what would be removed" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxDown);
    await this.perform(
      flags,
      async (world) => {
        const [{ down }, { openSandbox }] = await Promise.all([
          import("../../lib/sandbox/down.ts"),
          import("../../lib/wire/sandbox.ts"),
        ]);
        return down({ purge: flags.purge, dryRun: flags["dry-run"] }, await openSandbox(world));
      },
      async () => (await import("../../lib/output/render/sandbox-down.ts")).renderSandboxDown,
    );
  }
}

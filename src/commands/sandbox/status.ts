import { BaseCommand } from "../../lib/cli/base-command.ts";

export default class SandboxStatus extends BaseCommand {
  static override summary = "Show what of the sandbox runs, where, and what it costs";
  static override description =
    "Lists services and hosts with their state, address and memory. Ends with 3 where the sandbox of this checkout is not up; a host that was stopped or killed is shown as such.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --json"];

  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxStatus);
    await this.perform(
      flags,
      async (world) => {
        const [{ status }, { openSandbox }] = await Promise.all([
          import("../../lib/sandbox/status.ts"),
          import("../../lib/wire/sandbox.ts"),
        ]);
        return status({ env: world.env }, await openSandbox(world));
      },
      async () => (await import("../../lib/output/render/sandbox-status.ts")).renderSandboxStatus,
    );
  }
}

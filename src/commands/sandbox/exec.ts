import { BaseCommand } from "../../lib/cli/base-command.ts";

export default class SandboxExec extends BaseCommand {
  static override summary = "Run a command with the sandbox's environment";
  static override description =
    "Runs the command with the variables of `sandbox env`. Its input, output, exit code and signals are passed on untouched.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -- <%= config.bin %> smoke",
    "<%= config.bin %> <%= command.id %> -- aws ecr describe-repositories",
  ];
  static override usage = "<%= command.id %> -- COMMAND…";
  static override strict = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(SandboxExec);
    const command = argv as string[];
    if (command.length === 0) this.error("a command is missing: threads sandbox exec -- COMMAND…", { exit: 2 });
    // What is printed is the command's own: the result of this one is its exit code.
    const { environment, base } = await this.perform(
      { ...flags, json: false },
      async (world) => {
        const { runningEnvironment } = await import("../../lib/sandbox/environment.ts");
        return { environment: await runningEnvironment(await world.config()), base: world.env };
      },
      async () => () => [],
    );
    const { runInForeground } = await import("../../lib/sandbox/foreground.ts");
    const terminal = process.stdin.isTTY;
    process.exitCode = await runInForeground({ command, environment, base, signals: process, terminal });
  }
}

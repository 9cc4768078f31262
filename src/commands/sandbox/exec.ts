import { BaseCommand } from "../../lib/cli/base-command.ts";
import { ThreadsError } from "../../lib/errors/threads-error.ts";

export default class SandboxExec extends BaseCommand {
  static override summary = "Run a command with the sandbox's environment";
  static override description =
    "Runs the command with the variables of `sandbox env`. Its input, output, exit code and signals are passed on untouched; " +
    "with --json its output goes to stderr, and stdout has the result: the command and its exit code.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -- <%= config.bin %> smoke",
    "<%= config.bin %> <%= command.id %> -- aws ecr describe-repositories",
  ];
  static override usage = "<%= command.id %> -- COMMAND…";
  static override strict = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(SandboxExec);
    const command = argv as string[];
    if (command.length === 0)
      throw new ThreadsError("NO_COMMAND", {
        message: "a command is missing",
        next: ["threads sandbox exec --help"],
      });
    const { environment, base } = await this.perform(
      { ...flags, json: false },
      async (world) => {
        const { runningEnvironment } = await import("../../lib/sandbox/environment.ts");
        return { environment: await runningEnvironment(await world.config()), base: world.env };
      },
      async () => () => [],
    );
    const { execResult, runInForeground } = await import("../../lib/sandbox/foreground.ts");
    const terminal = process.stdin.isTTY;
    const stdout = flags.json ? "stderr" : "stdout";
    const exitCode = await runInForeground({ command, environment, base, signals: process, terminal, stdout });
    if (flags.json) this.printJson(execResult(command, exitCode));
    process.exitCode = exitCode;
  }
}

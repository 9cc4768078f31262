import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Exec extends BaseCommand {
  static override summary = "Run a command in the running container of a service on a host";
  static override description =
    "Goes through SSM Run Command, without a terminal and without input. The command's stdout and stderr are passed on when " +
    "it has ended, as much as SSM hands on: 24,000 characters of stdout, 8,000 of stderr. Exit code 5 where it fails or " +
    "takes too long; Ctrl-C cancels it. Who ran what is written into the ledger and shown by `history --all`, and SSM keeps " +
    "command and output for 30 days: put no secret into it.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod web -- ls -l /srv",
    "<%= config.bin %> <%= command.id %> -e prod --host prod-2 celery -- sh -c 'env | cut -d= -f1'",
    "<%= config.bin %> <%= command.id %> -e staging web --timeout 1200 -- python manage.py check",
  ];
  static override usage = "<%= command.id %> -e ENV [--host HOST] SERVICE -- COMMAND…";
  static override args = { service: Args.string({ description: "Service in whose container", ignoreStdin: true }) };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment whose host it is" }),
    host: Flags.string({ summary: "Id or name (default: the first online that has it)", helpValue: "HOST" }),
    timeout: Flags.integer({
      summary: "Seconds until the command is ended (default: 300)",
      helpValue: "NUMBER",
      min: 1,
      max: 3600,
    }),
    "dry-run": Flags.boolean({ summary: "Say what would run in which container, and run nothing" }),
  };
  static override strict = false;

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needs = "target";

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Exec);
    const { environment, host, timeout = 300, "dry-run": dryRun } = flags;
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ exec }, { openExec }] = await Promise.all([
          import("../lib/actions/exec/run.ts"),
          import("../lib/wire/exec.ts"),
        ]);
        const words = argv as string[];
        return exec({ environment, host, words, timeoutMs: timeout * 1000, dryRun }, await openExec(world));
      },
      async () => (await import("../lib/output/render/exec.ts")).renderExec,
    );
    if (!flags.json) await (await import("../lib/output/render/exec.ts")).writeExec(result, this.terminal());
    if (result.outcome === "failed" || result.outcome === "timed-out") this.endAs("checks");
  }
}

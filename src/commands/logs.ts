import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";

export default class Logs extends BaseCommand {
  static override summary = "Show what the containers of an environment say, merged over its hosts";
  static override description =
    "Reads the containers of the slot that serves, and what runs once, through SSM Run Command, on ECS what tasks have written " +
    "into CloudWatch Logs, and merges them by time: " +
    "the last 100 lines where nothing is said, of a search the last hour. Values of the environment are masked on the host, or " +
    "before they are shown; where those cannot be read, nothing of it is. With --deployment: what the hosts' own script has written in that " +
    "deployment, all of it. Exit code 6 where a host or a container could not be read; Ctrl-C ends --follow.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> -e prod web nginx --follow",
    "<%= config.bin %> <%= command.id %> -e prod --host prod-2 --since 10m --grep 'ERROR|Traceback'",
    "<%= config.bin %> <%= command.id %> -e prod --deployment 12",
  ];
  static override usage = "<%= command.id %> -e ENV [SERVICE…] [--follow]";
  static override args = {
    service: Args.string({ description: "Only these services (default: all)", ignoreStdin: true }),
  };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to look at" }),
    host: Flags.string({
      summary: "Only this host, by id or name; can be repeated",
      helpValue: "HOST",
      multiple: true,
      multipleNonGreedy: true,
    }),
    follow: Flags.boolean({ char: "f", summary: "Show what is said from now on, too, until Ctrl-C" }),
    since: Flags.string({ summary: "From 10m, 2h or 3d ago, or from a time on", helpValue: "TIME" }),
    grep: Flags.string({ summary: "Only lines with this in them, as grep -E takes it", helpValue: "PATTERN" }),
    tail: Flags.integer({ summary: "The last so many lines of all", helpValue: "NUMBER", min: 1, max: 10_000 }),
    deployment: Flags.integer({
      summary: "The hosts' own log of this deployment instead",
      helpValue: "NUMBER",
      min: 1,
      exclusive: ["since", "tail"],
    }),
  };
  static override strict = false;

  protected override readonly asks = ["ssm"] as const;
  protected override readonly needs = "target";
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Logs);
    const { environment, host: hosts = [], follow, since, grep, tail, deployment, json } = flags;
    const { logWriter, writeLogsEnd } = await import("../lib/output/log-lines.ts");
    const writer = json && !follow ? undefined : await logWriter(this.terminal(), json);
    const options = { environment, services: argv as string[], hosts, follow, since, grep, tail, deployment };
    const result = await this.perform(
      { ...flags, json: writer === undefined },
      async (world) => {
        const { logs } = await import("../lib/actions/logs/run.ts");
        const { openLogs } = await import("../lib/wire/logs.ts");
        return logs(options, await openLogs(world, writer));
      },
      async () => () => [],
    );
    if (writer !== undefined) await writeLogsEnd(result, this.terminal());
    if (result.outcome === "followed") this.endAs("interrupted");
    if (result.outcome === "partly-read") this.endAs("partial");
  }
}

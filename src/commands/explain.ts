import { Args } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Explain extends BaseCommand {
  static override summary = "Tell what an error code means, what was changed, and what to do";
  static override description =
    "The code is the word in brackets after a message, or a number: an exit code of threads, or one that SSM shows of " +
    "the script on a host. Without one, all are listed by exit code. It asks nobody and needs no threads.yml.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> TAG_CONFLICT",
    "<%= config.bin %> <%= command.id %> 7",
    "<%= config.bin %> <%= command.id %> --json",
  ];
  static override args = {
    code: Args.string({ ignoreStdin: true, description: "Error code in any case, or an exit code" }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Explain);
    await this.perform(
      flags,
      async () => (await import("../lib/actions/explain/run.ts")).explain(args.code),
      async () => (await import("../lib/output/render/explain.ts")).renderExplain,
    );
  }
}

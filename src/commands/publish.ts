import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Publish extends BaseCommand {
  static override summary = "Push the images that passed the smoke test, and last the bundle that makes them a release";
  static override description =
    "Pushes what `threads smoke` tagged for HEAD and never builds. What is in the registry already is left alone, so " +
    "running it again finishes what an interruption left open. Other contents under the same sha are refused.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --dry-run"];
  static override flags = {
    "dry-run": Flags.boolean({ summary: "Print what would be pushed, and do nothing" }),
  };

  protected override readonly asks = ["ecr", "sts"] as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(Publish);
    await this.perform(
      flags,
      async ({ clock, progress, signal, processes, ...world }) => {
        const [{ publish }, { openRegistry }, { dockerImages }, { gitSource }, config, aws] = await Promise.all([
          import("../lib/actions/publish/run.ts"),
          import("../lib/registry/open.ts"),
          import("../lib/docker/images.ts"),
          import("../lib/source/git.ts"),
          world.config(),
          world.aws(),
        ]);
        const opened = await openRegistry({ config, aws, clock, signal });
        const docker = dockerImages({ processes, signal });
        const source = gitSource({ processes, root: config.root });
        const ports = { ...opened, config, docker, source, progress, clock, signal };
        return publish({ dryRun: flags["dry-run"] }, ports);
      },
      async (world) => (await import("../lib/output/render/publish.ts")).renderPublish(await world.config()),
    );
  }
}

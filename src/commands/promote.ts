import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Promote extends BaseCommand {
  static override summary = "Test a published release by digest, then tag it for an environment";
  static override description =
    "Runs the smoke stack from exactly the published digests, checks that nothing moved meanwhile, and gives the images " +
    "and last the bundle the tag `prod-<sha>`. Nothing is built, pulled and pushed, or moved: the bytes stay the same. " +
    "Running it again finishes what an interruption left open.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> HEAD",
    "<%= config.bin %> <%= command.id %> 3f9c2ab --dry-run",
  ];
  static override args = {
    release: Args.string({ description: "Full or short sha, tag, branch or HEAD", required: true }),
  };
  static override flags = {
    environment: Flags.string({ char: "e", summary: "Environment to promote to", default: "prod", helpValue: "NAME" }),
    "dry-run": Flags.boolean({ summary: "Print what would be tagged, and do nothing" }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Promote);
    await this.perform(
      flags,
      async ({ clock, progress, signal, hurry, ...world }) => {
        const [{ promote }, { productionSmoke }, { openRegistry }, { dockerImages }, { dockerCompose }] =
          await Promise.all([
            import("../lib/actions/promote/run.ts"),
            import("../lib/actions/promote/production-smoke.ts"),
            import("../lib/registry/open.ts"),
            import("../lib/registry/docker-push.ts"),
            import("../lib/compose/docker-compose.ts"),
          ]);
        const [{ httpGet }, { gitSource }] = await Promise.all([
          import("../lib/probe/http-get.ts"),
          import("../lib/source/git.ts"),
        ]);
        const [config, aws, processes] = await Promise.all([world.config(), world.aws(), world.processes()]);
        const talk = { config, progress, clock, signal };
        const compose = dockerCompose({ processes, clock, env: world.env });
        const ports = {
          ...talk,
          ...openRegistry({ config, aws, clock, signal }),
          docker: dockerImages({ processes, signal }),
          source: gitSource({ processes, root: config.root }),
          smoke: productionSmoke({ ...talk, hurry, compose, get: httpGet }),
        };
        return promote({ ...args, environment: flags.environment, dryRun: flags["dry-run"] }, ports);
      },
      async () => (await import("../lib/output/render/promote.ts")).renderPromote,
    );
  }
}

import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Test extends BaseCommand {
  static override summary = "Run the backend's test suites against a real database and broker";
  static override description =
    "Builds the test image, starts what the suites need under a random name, runs them and shows their output on stderr as " +
    "it comes. Their exit code is the verdict. Everything after -- goes to the suites. Nothing stays behind, also after " +
    "Ctrl-C. Works with uncommitted changes.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> -- -k timeline",
  ];
  static override strict = false;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Test);
    await this.perform(
      flags,
      async (world) => {
        const [{ test }, { dockerCompose }, { gitSource }, config] = await Promise.all([
          import("../lib/actions/test/run.ts"),
          import("../lib/compose/docker-compose.ts"),
          import("../lib/source/git.ts"),
          world.config(),
        ]);
        const { clock, progress, signal, hurry, env, processes } = world;
        const compose = dockerCompose({ processes, clock, env });
        const source = gitSource({ processes, root: config.root });
        return test({ args: argv.map(String) }, { config, compose, source, clock, progress, signal, hurry });
      },
      async () => (await import("../lib/output/render/test.ts")).renderTest,
    );
  }
}

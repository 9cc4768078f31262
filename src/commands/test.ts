import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Test extends BaseCommand {
  static override summary = "Run the application's test suites in a stack of their own";
  static override description =
    "Builds the test image, starts what the suites need under a random name, runs them and shows their output on stderr as " +
    "it comes. Their exit code is the verdict. Everything after -- goes to the suites. Nothing stays behind, also after " +
    "Ctrl-C. Works with uncommitted changes.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> -- -k timeline",
    "<%= config.bin %> <%= command.id %> --dry-run",
  ];
  static override flags = {
    "dry-run": Flags.boolean({ summary: "Print what would be run, and do nothing" }),
  };
  static override strict = false;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Test);
    await this.perform(
      flags,
      async (world) => {
        const [{ test }, { openTest }] = await Promise.all([
          import("../lib/actions/test/run.ts"),
          import("../lib/wire/test.ts"),
        ]);
        return test({ args: argv.map(String), dryRun: flags["dry-run"] }, await openTest(world));
      },
      async () => (await import("../lib/output/render/test.ts")).renderTest,
    );
  }
}

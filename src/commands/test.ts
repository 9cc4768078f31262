import { resolve } from "node:path";
import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Test extends BaseCommand {
  static override summary = "Run the application's test suites in a stack of their own";
  static override description =
    "Builds the test image, starts what the suites need under a random name, runs them and shows their output on stderr as " +
    "it comes. Their exit code is the verdict; where they leave a file in JUnit's format (`test.reports` of threads.yml), the " +
    "tests that failed are named, and --reports brings it out with what else lies there. Everything after -- goes to the " +
    "suites. Nothing stays behind, also after Ctrl-C. Works with uncommitted changes. With --changed-since they run only where " +
    "something that they are made from has changed, committed or not: threads.yml, their compose files, and what these build " +
    "from, read and mount.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> -- -k timeline",
    "<%= config.bin %> <%= command.id %> --reports build/reports",
    "<%= config.bin %> <%= command.id %> --changed-since origin/dev",
    "<%= config.bin %> <%= command.id %> --dry-run",
  ];
  static override flags = {
    reports: Flags.string({
      summary: "Folder that gets what the suites leave in `test.reports` of threads.yml: JUnit's and coverage's files",
      helpValue: "FOLDER",
    }),
    "changed-since": Flags.string({
      summary:
        "Branch, tag or commit: run nothing where nothing that the suites are made from has changed since they parted",
      helpValue: "COMMIT",
    }),
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
        const reports = flags.reports === undefined ? undefined : resolve(flags.reports);
        const { "changed-since": changedSince, "dry-run": dryRun } = flags;
        return test({ args: argv.map(String), reports, changedSince, dryRun }, await openTest(world));
      },
      async () => (await import("../lib/output/render/test.ts")).renderTest,
    );
  }
}

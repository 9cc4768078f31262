import { resolve } from "node:path";
import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Smoke extends BaseCommand {
  static override summary = "Build the images, run them as a stack and check it from outside";
  static override description =
    "Builds every service, starts the stack under a random name with fresh secrets, waits until all of it is healthy and " +
    "checks it through the published port: release, pages, hashed assets. Only when everything passed are the images " +
    "tagged <app>-<service>:<sha>, which is what `threads publish` pushes. Nothing else stays behind, also after Ctrl-C; " +
    "with --keep the stack does, passed or failed, to be looked at: `threads smoke list` shows it, `threads smoke down` removes it. " +
    "--release tests what is published instead: its images are pulled by digest, and nothing is built or tagged; that they passed is put on " +
    "record, as a promotion does. --save leaves the images that passed in a folder, with a record whose digest it tells: a job that has credentials publishes " +
    "them (`threads publish --from`), and builds and runs nothing.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --dry-run",
    "<%= config.bin %> <%= command.id %> --keep",
    "<%= config.bin %> <%= command.id %> --release staging --keep",
    "<%= config.bin %> <%= command.id %> --save /tmp/release",
  ];
  static override flags = {
    keep: Flags.boolean({ summary: "Leave the stack running afterwards, whether it passes or fails" }),
    release: Flags.string({
      summary:
        "Test this published release: full or short sha, version, tag, branch, or an environment: what runs there",
      helpValue: "RELEASE",
      exclusive: ["save"],
    }),
    save: Flags.string({
      summary: "Save the images that passed in this folder, for a publish on another machine",
      helpValue: "FOLDER",
      exclusive: ["dry-run"],
    }),
    "dry-run": Flags.boolean({ summary: "Print what would be done, and do nothing" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Smoke);
    await this.perform(
      flags,
      async (world) => {
        const { "dry-run": dryRun, keep, release } = flags;
        if (release !== undefined) {
          const { openPublishedSmoke } = await import("../lib/wire/published-smoke.ts");
          const { smokePublishedRelease } = await import("../lib/actions/smoke/published.ts");
          return smokePublishedRelease({ release, dryRun, keep }, await openPublishedSmoke(world));
        }
        const [{ smoke }, { openSmoke }] = await Promise.all([
          import("../lib/actions/smoke/run.ts"),
          import("../lib/wire/smoke.ts"),
        ]);
        const save = flags.save === undefined ? undefined : resolve(flags.save);
        return smoke({ dryRun, keep, save }, await openSmoke(world));
      },
      async () => (await import("../lib/output/render/smoke.ts")).renderSmoke,
    );
  }
}

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
    "--save leaves the images that passed in a folder, with a record whose digest it tells: a job that has credentials publishes " +
    "them (`threads publish --from`), and builds and runs nothing.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --dry-run",
    "<%= config.bin %> <%= command.id %> --keep",
    "<%= config.bin %> <%= command.id %> --save /tmp/release",
  ];
  static override flags = {
    keep: Flags.boolean({ summary: "Leave the stack running afterwards, whether it passes or fails" }),
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
        const [{ smoke }, { openSmoke }] = await Promise.all([
          import("../lib/actions/smoke/run.ts"),
          import("../lib/wire/smoke.ts"),
        ]);
        const { "dry-run": dryRun, keep } = flags;
        const save = flags.save === undefined ? undefined : resolve(flags.save);
        return smoke({ dryRun, keep, save }, await openSmoke(world));
      },
      async () => (await import("../lib/output/render/smoke.ts")).renderSmoke,
    );
  }
}

import { BaseCommand } from "../../lib/cli/base-command.ts";

export default class SmokeList extends BaseCommand {
  static override summary = "Show the application's smoke stacks on this machine";
  static override description =
    "A stack is there while its run is at work, after `threads smoke --keep`, and after a run that was killed. Shown is " +
    "where it answers, and how its services are. `threads smoke down` removes what is kept, `threads prune` what was left.";
  static override examples = ["<%= config.bin %> <%= command.id %>"];

  async run(): Promise<void> {
    const { flags } = await this.parse(SmokeList);
    await this.perform(
      flags,
      async (world) => {
        const [{ listSmoke }, { openSmokeStacks }] = await Promise.all([
          import("../../lib/actions/smoke/stacks.ts"),
          import("../../lib/wire/smoke-stacks.ts"),
        ]);
        return listSmoke(await openSmokeStacks(world));
      },
      async () => (await import("../../lib/output/render/smoke-stacks.ts")).renderSmokeList,
    );
  }
}

import { BaseCommand } from "../lib/cli/base-command.ts";

export default class ShowConfig extends BaseCommand {
  static override summary = "Show the configuration in force, and where each value is from";
  static override description =
    "Reads and checks threads.yml and prints every value: with its line in the file, the environment variable that it is " +
    "from, or `default`; and what names the file, where it was not simply found. What is optional and not set is left " +
    "out. Asks nobody.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --json"];

  async run(): Promise<void> {
    const { flags, raw } = await this.parse(ShowConfig);
    await this.perform(
      flags,
      async (world) => {
        const { showConfig } = await import("../lib/actions/config/run.ts");
        const isNamed = raw.some((token) => token.type === "flag" && token.flag === "config");
        return showConfig({ config: await world.config(), isNamed, env: world.env });
      },
      async () => (await import("../lib/output/render/config.ts")).renderConfig,
    );
  }
}

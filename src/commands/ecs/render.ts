import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";
import { environmentFlag } from "../../lib/cli/environment-flag.ts";

export default class EcsRender extends BaseCommand {
  static override summary = "Print the ECS task definitions and services that a release is on ECS";
  static override description =
    "Made of the release's own bundle and of environments.<name>.ecs in threads.yml: images by digest, health checks of the " +
    "images written out, settings by reference and never by value. What ECS has nothing for is refused, all of it at once. " +
    "Prints JSON by task, as `aws ecs register-task-definition --cli-input-json` takes it; asks ECS nothing, and pulls nothing. " +
    "With --diff it prints in what the services of ECS run something else, container by container, and changes nothing either.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> -e prod 3f9c2ab --service web | jq .web.taskDefinition",
    "<%= config.bin %> <%= command.id %> -e prod --diff",
    "<%= config.bin %> <%= command.id %> -e prod --json",
  ];
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Sha, version, tag, branch, or an environment's name for what runs there (default: HEAD)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment that runs on ECS" }),
    diff: Flags.boolean({ summary: "Compare it with what the services of ECS run" }),
    service: Flags.string({ summary: "Only this task, or the one with this service in it", helpValue: "NAME" }),
  };

  protected override readonly asks = ["ecr", "sts", "ssm"] as const;
  protected override readonly needs = "ecs";
  protected override readonly looksOnly = true;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EcsRender);
    const { environment, service, diff } = flags;
    const options = { environment, release: args.release, service };
    await this.perform(
      flags,
      async (world) => {
        const { openEcs } = await import("../../lib/wire/ecs.ts");
        const ports = await openEcs(world);
        if (diff) return (await import("../../lib/actions/ecs/diff.ts")).diffEcs(options, ports);
        return (await import("../../lib/actions/ecs/render.ts")).renderEcs(options, ports);
      },
      async () => (await import("../../lib/output/render/ecs.ts")).renderEcsResult,
    );
  }
}

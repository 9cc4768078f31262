import type { Config } from "../config/config.ts";
import { ecsName, serviceName } from "../config/ecs-names.ts";
import { commandText } from "../process/processes.ts";
import type { EcsEnvironment } from "./environment-on-ecs.ts";

/** A command in a container of an environment on ECS, for whoever types it. */
export interface EcsCommand {
  readonly service: string;
  readonly command: readonly string[];
}

/**
 * The lines of AWS's own CLI: first in a task of its own, by what the service runs now, with an exit code and a log; then in a
 * container that runs, which ECS Exec does without an exit code, and only where the service has it on.
 */
export function commandLines(
  { name, ecs }: EcsEnvironment,
  { service, command }: EcsCommand,
  { app }: Pick<Config, "app">,
): readonly [ownTask: string, inContainer: string] {
  const found = Object.entries(ecs.services).find(([task, { containers = [task] }]) => containers.includes(service));
  const [task, own] = found ?? [service, {}];
  const called = serviceName(own, { app, environment: name, task });
  const container = ecsName(service);
  const asked = (args: readonly string[]): string => `"$(${aws([...args, "--output", "text"])})"`;
  const definition = asked([
    "describe-services",
    "--cluster",
    ecs.cluster,
    "--services",
    called,
    "--query",
    "services[0].taskDefinition",
  ]);
  const running = asked(["list-tasks", "--cluster", ecs.cluster, "--service-name", called, "--query", "taskArns[0]"]);
  const network = `awsvpcConfiguration={subnets=[${ecs.subnets.join(",")}],securityGroups=[${ecs.securityGroups.join(",")}],assignPublicIp=${ecs.publicIp ? "ENABLED" : "DISABLED"}}`;
  const overrides = JSON.stringify({ containerOverrides: [{ name: container, command }] });
  const begin = (verb: string): string => aws([verb, "--cluster", ecs.cluster]);
  const how = ["--launch-type", ecs.launchType, "--network-configuration", network, "--overrides", overrides];
  const typed = commandText({ file: command[0] ?? "", args: command.slice(1) });
  return [
    `${begin("run-task")} --task-definition ${definition} ${words(how)}`,
    `${begin("execute-command")} --task ${running} ${words(["--container", container, "--interactive", "--command", typed])}`,
  ];
}

function aws(args: readonly string[]): string {
  return commandText({ file: "aws", args: ["ecs", ...args] });
}

/** Each fit for a shell. */
function words([file = "", ...args]: readonly string[]): string {
  return commandText({ file, args });
}

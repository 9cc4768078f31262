import { expect, test } from "vitest";
import { commandLines } from "../../../src/lib/ecs/command-lines.ts";
import type { EcsEnvironment } from "../../../src/lib/ecs/environment-on-ecs.ts";
import { aConfig } from "../../fakes/config.ts";
import { onEcs } from "./world.ts";

const config = aConfig({
  app: "shop",
  services: ["web", "nginx", "celery.beat"],
  environments: { prod: onEcs({ services: { front: { containers: ["web", "nginx"], name: "shop-front" } } }) },
});
const linesOf = (service: string, ...command: string[]) =>
  commandLines(config.environments["prod"] as EcsEnvironment, { service, command }, config);

test("a command in a task of its own, by what the service of its task runs, and in one that runs", () => {
  expect(linesOf("nginx", "ls", "-l", "/srv")).toEqual([
    `aws ecs run-task --cluster shop --task-definition "$(aws ecs describe-services --cluster shop --services shop-front --query 'services[0].taskDefinition' --output text)" --launch-type FARGATE --network-configuration 'awsvpcConfiguration={subnets=[subnet-0a],securityGroups=[sg-0a],assignPublicIp=DISABLED}' --overrides '{"containerOverrides":[{"name":"nginx","command":["ls","-l","/srv"]}]}'`,
    `aws ecs execute-command --cluster shop --task "$(aws ecs list-tasks --cluster shop --service-name shop-front --query 'taskArns[0]' --output text)" --container nginx --interactive --command 'ls -l /srv'`,
  ]);
});

test("of a service that is a task by itself, by its name on ECS", () => {
  expect(linesOf("celery.beat", "true")[0]).toContain("--services shop-prod-celery-beat ");
});

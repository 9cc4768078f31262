import { describe, expect, it } from "vitest";
import { translate } from "../../../src/lib/ecs/translate.ts";
import { beforehand, container, image, only, targetGroup, task, told, translated } from "./world.ts";

const seconds = 1_000_000_000;
const Healthcheck = { Test: ["CMD", "ok"], Interval: 10 * seconds, Timeout: 3 * seconds };
const services = {
  web: {},
  nginx: { ports: [{ target: 8080, published: "80" }] },
  celery: {},
  beat: {},
  migrate: { command: ["migrate"], profiles: ["migrate"], restart: "no" },
};
const images = { web: { Healthcheck }, celery: { Healthcheck }, beat: { Healthcheck } };
const together = { web: { containers: ["web", "nginx"], cpu: 512, memory: 1024, target_group: targetGroup } };

describe("the four services", () => {
  const found = translated({ services, images, ecs: { services: together } });

  it("are tasks as threads.yml puts them together, every other service alone, and the migration by itself", () => {
    expect(told(found).refused).toEqual([]);
    expect(
      found.tasks.map(({ name, taskDefinition, service }) => [name, taskDefinition.family, service?.serviceName]),
    ).toEqual([
      ["web", "shop-prod-web", "shop-prod-web"],
      ["celery", "shop-prod-celery", "shop-prod-celery"],
      ["beat", "shop-prod-beat", "shop-prod-beat"],
      ["migrate", "shop-prod-migrate", undefined],
    ]);
  });

  it("of a task start in order: what has ports last, once the others can answer", () => {
    const { containerDefinitions, ...definition } = task(found, "web").taskDefinition;
    expect(containerDefinitions.map(({ name, essential, dependsOn }) => ({ name, essential, dependsOn }))).toEqual([
      { name: "web", essential: true, dependsOn: undefined },
      { name: "nginx", essential: true, dependsOn: [{ containerName: "web", condition: "HEALTHY" }] },
    ]);
    expect(definition).toEqual({
      family: "shop-prod-web",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "512",
      memory: "1024",
      executionRoleArn: "arn:aws:iam::123456789012:role/shop-execution",
      runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
      tags: [
        { key: "threads:release", value: "4f2c" },
        { key: "threads:bundle", value: `sha256:${"b".repeat(64)}` },
      ],
    });
    expect(told(found).noted).toContain(
      "web and nginx share one network: they find each other at 127.0.0.1, and not by their names as in compose",
    );
  });

  it("change with more than enough of them, and the breaker takes a bad one back", () => {
    expect(task(found, "web").service).toEqual({
      cluster: "shop",
      serviceName: "shop-prod-web",
      launchType: "FARGATE",
      desiredCount: 1,
      deploymentController: { type: "ECS" },
      deploymentConfiguration: {
        minimumHealthyPercent: 100,
        maximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
      availabilityZoneRebalancing: "ENABLED",
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ["subnet-0a"], securityGroups: ["sg-0a"], assignPublicIp: "DISABLED" },
      },
      loadBalancers: [{ targetGroupArn: targetGroup, containerName: "nginx", containerPort: 8080 }],
      propagateTags: "TASK_DEFINITION",
    });
  });

  it("have one beat: the old one stops before the new one starts, and no zone is balanced with a second", () => {
    expect(task(found, "beat").service).toMatchObject({
      desiredCount: 1,
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
      availabilityZoneRebalancing: "DISABLED",
    });
  });
});

describe("one of a kind (runtime.singletons)", () => {
  const refused = (tasks: Record<string, object>) =>
    told(translated({ services, images, ecs: { services: tasks } })).refused;

  it("is alone, one, and behind no load balancer", () => {
    expect(refused({ beat: { containers: ["beat", "celery"] } })).toEqual([
      "environments.prod.ecs.services.beat puts beat, of which there is one (runtime.singletons), with celery: give it a task of its own",
    ]);
    expect(refused({ beat: { desired: 2 } })).toEqual([
      "environments.prod.ecs.services.beat.desired is 2, and of beat there is one (runtime.singletons)",
    ]);
    expect(refused({ beat: { target_group: targetGroup } })).toEqual([
      "environments.prod.ecs.services.beat has a target group, and beat stops before the next one starts: people would see it",
      "environments.prod.ecs.services.beat has a target group, and beat publishes no port in the compose file",
    ]);
  });

  it("is one whatever the compose file has, and none where threads.yml wants none", () => {
    const found = translated({ services, images, ecs: { services: { beat: { desired: 0 } } } });
    expect(told(found).refused).toEqual([]);
    expect(task(found, "beat").service?.desiredCount).toBe(0);
    const twice = translated({ services: { ...services, beat: { scale: 2 } }, images });
    expect(task(twice, "beat").service?.desiredCount).toBe(1);
  });

  it("is the migration in its own way", () => {
    expect(refused({ web: { containers: ["web", "migrate"] } })).toContain(
      "environments.prod.ecs.services.web puts the migration with web: it runs once, and by itself",
    );
    expect(refused({ migrate: { desired: 2, target_group: targetGroup, port: 80, grace: 60 } })).toEqual([
      "environments.prod.ecs.services.migrate has a target group, and the migration answers nobody",
      "environments.prod.ecs.services.migrate.desired is for a service, and the migration is none: take it away",
      "environments.prod.ecs.services.migrate.port is for a service, and the migration is none: take it away",
      "environments.prod.ecs.services.migrate.grace is for a service, and the migration is none: take it away",
    ]);
  });
});

describe("what waits for what", () => {
  const pair = (web: object, nginx: object, ecs: object = { services: { web: { containers: ["web", "nginx"] } } }) =>
    translated({ services: { web, nginx }, images: { web: { Healthcheck } }, ecs: ecs });
  const dependsOn = (found: ReturnType<typeof pair>, name: string) => container(found, name).dependsOn;

  it("is what the compose file says, within a task", () => {
    const depends_on = { web: { condition: "service_started" } };
    expect(dependsOn(pair({}, { depends_on, ports: ["80:8080"] }), "nginx")).toEqual([
      { containerName: "web", condition: "START" },
    ]);
  });

  it("is not added where it would run in a circle", () => {
    const found = pair({ depends_on: { nginx: { condition: "service_started" } } }, { ports: ["80:8080"] });
    expect([dependsOn(found, "web"), dependsOn(found, "nginx")]).toEqual([
      [{ containerName: "nginx", condition: "START" }],
      undefined,
    ]);
  });

  it("is told where it is another task, and refused where it must end before", () => {
    const waiting = (condition: string) => told(pair({}, { depends_on: { web: { condition } } }, {}));
    expect(waiting("service_healthy")).toMatchObject({
      refused: [],
      noted: expect.arrayContaining([
        "nginx waits for web on a host; on ECS that is another task, and both start at once",
      ]),
    });
    expect(waiting("service_completed_successfully").refused).toEqual([
      "web ends by itself (restart), and ECS would start it again and again: leave it out, or name it as runtime.migrate, or write restart: unless-stopped",
      "nginx waits for web to end, which is another task: make them containers of one, or name it as runtime.migrate",
    ]);
  });

  it("can end within a task, and is not essential then: its end would be the end of all", () => {
    const found = pair({}, { depends_on: { web: { condition: "service_completed_successfully" } } });
    expect(told(found).refused).toEqual([]);
    expect(container(found, "web").essential).toBe(false);
    expect(dependsOn(found, "nginx")).toEqual([{ containerName: "web", condition: "SUCCESS" }]);
  });

  it("is the end of what ends, with ports or without: nobody waits until that is healthy", () => {
    const needs = { web: { condition: "service_completed_successfully" } };
    const found = translated({
      services: { web: {}, celery: { depends_on: needs }, nginx: { ports: ["80:8080"] } },
      images: { web: { Healthcheck }, celery: { Healthcheck } },
      ecs: { services: { web: { containers: ["web", "celery", "nginx"] } } },
    });
    expect(told(found).refused).toEqual([]);
    expect(container(found, "web")).not.toHaveProperty("healthCheck");
    expect(dependsOn(found, "nginx")).toEqual([
      { containerName: "web", condition: "SUCCESS" },
      { containerName: "celery", condition: "HEALTHY" },
    ]);
  });

  it("is no health check of a migration, which runs once", () => {
    const found = translated({ services, images: { ...images, migrate: { Healthcheck } } });
    expect(container(found, "migrate")).not.toHaveProperty("healthCheck");
  });

  it("needs a health check to be healthy: ECS would wait for ever", () => {
    const depends_on = { nginx: { condition: "service_healthy" } };
    expect(told(pair({ depends_on }, {})).refused).toEqual([
      "web waits until nginx is healthy, which has no health check that ECS could make: give it one, or wait for its start",
    ]);
  });
});

describe("what finds others by their names, which compose alone has", () => {
  const db = { image: "${DB_IMAGE}" };

  it("is refused where an image from elsewhere would be a task of its own", () => {
    const refused = (ecs: object) => told(translated({ services: { web: {}, db }, ecs })).refused;
    expect(refused({})).toEqual([
      "db is not built here, and as a task of its own it has no name by which others find it: leave it out and use a service outside, or say in environments.prod.ecs.services to which task it belongs",
    ]);
    expect(refused({ services: { web: { containers: ["web", "db"] } } })).toEqual([]);
    // The same image as one that is built here is the application's own.
    expect(
      told(translated({ services: { web: { image: "${WEB_IMAGE}" }, cron: { image: "${WEB_IMAGE}" } } })).refused,
    ).toEqual([]);
  });
});

it("what ends by itself is no service: ECS would start it again and again", () => {
  expect(only({ restart: "no" }).refused).toEqual([
    "web ends by itself (restart), and ECS would start it again and again: leave it out, or name it as runtime.migrate, or write restart: unless-stopped",
  ]);
});

describe("a task that nobody looks at", () => {
  const noted = (given: Parameters<typeof only>[1], service: object = {}) => only(service, given).noted;
  const says =
    "web has no health check: ECS takes it for well once it has run for 40 s, and goes back from no release that is sick";

  it("is told: the breaker sees no sick release then", () => {
    expect(noted({})).toEqual([says]);
    expect(noted({}, { healthcheck: { disable: true } })).toEqual([says]);
    expect(noted({}, { healthcheck: { test: "true" } })).toEqual([]);
  });

  it("is not one behind a load balancer, nor the migration", () => {
    const tasks = { web: { target_group: targetGroup } };
    expect(noted({ ecs: { services: tasks } }, { ports: ["80:8080"] })).toEqual([]);
    expect(noted({ runtime: { migrate: "web" } })).toEqual([]);
  });
});

describe("what an image is built for", () => {
  it("is what ECS is told: it takes X86_64 for what is not said", () => {
    const facts = { imageFacts: { web: image({}, "arm64") } };
    expect(only({}, { facts }).tasks[0]?.taskDefinition.runtimePlatform?.cpuArchitecture).toBe("ARM64");
    expect(only({}, { facts: { imageFacts: { web: image({}, "s390x") } } }).refused).toEqual([
      "environments.prod.ecs.services.web has images for s390x, and ECS runs amd64 and arm64",
    ]);
  });

  it("is the same for the containers of a task", () => {
    const facts = { imageFacts: { web: image({}, "arm64"), nginx: image() } };
    const found = translated({
      services: { web: {}, nginx: {} },
      ecs: { services: { web: { containers: ["web", "nginx"] } } },
      facts,
    });
    expect(told(found).refused).toEqual([
      "environments.prod.ecs.services.web has images for arm64 and amd64: containers of one task run on one machine",
    ]);
  });
});

it("a task of threads.yml that no service is of is named, with the service that was meant", () => {
  const found = translated({ services, images, ecs: { services: { web: { containers: ["web", "ngnix"] } } } });
  expect(told(found).refused).toEqual([
    "environments.prod.ecs.services.web names ngnix, which is no service of the compose file: did you mean nginx?",
  ]);
});

it("a release has a REVISION and a TREE before it is published, too: that a file wants them keeps nobody from it", () => {
  const written = { command: ["serve", "${REVISION:?}"], environment: { R: "${REVISION:?}", T: "${TREE:?}" } };
  expect(told(translate(beforehand({ web: written }))).refused).toEqual([]);
});

it("the same release is always the same", () => {
  const once = (): string => JSON.stringify(translated({ services, images, ecs: { services: together } }));
  expect(once()).toBe(once());
});

import { describe, expect, it } from "vitest";
import { only, targetGroup, task, told, translated } from "./world.ts";

it("what threads.yml says of where tasks run is what ECS is told", () => {
  const task_role = "arn:aws:iam::123456789012:role/shop-task";
  const web = { target_group: targetGroup, grace: 90 };
  const service = { ports: ["80:8080"] };
  const found = only(service, { ecs: { task_role, public_ip: true, services: { web } } });
  expect(task(found, "web").taskDefinition.taskRoleArn).toBe(task_role);
  expect(task(found, "web").service).toMatchObject({
    healthCheckGracePeriodSeconds: 90,
    networkConfiguration: { awsvpcConfiguration: { assignPublicIp: "ENABLED" } },
  });
});

describe("how many tasks there are of a service that is made anew", () => {
  const of = (tasks: object) => {
    const replicas = { web: { deploy: { replicas: "${WEB:-3}" } }, nginx: { scale: 2 } };
    return translated({ services: replicas, ecs: { services: tasks as Record<string, object> } });
  };
  const desired = (tasks: object, name = "web") => task(of(tasks), name).service?.desiredCount;

  it("the compose file says, where threads.yml does not", () => {
    expect([desired({}), desired({}, "nginx"), desired({ web: { desired: 5 } })]).toEqual([3, 2, 5]);
  });

  it("threads.yml has to say where containers of one task differ", () => {
    const containers = ["web", "nginx"];
    expect(told(of({ web: { containers } })).refused).toEqual([
      "environments.prod.ecs.services.web puts web and nginx together, and the compose file has 3 and 2 of them: say desired there",
    ]);
    expect(told(of({ web: { containers, desired: 4 } })).refused).toEqual([]);
  });
});

describe("a target group", () => {
  const balanced = (ports: readonly unknown[], more: object = {}) => {
    const tasks = { web: { target_group: targetGroup, ...more } };
    const found = only({ ports }, { ecs: { services: tasks } });
    return { refused: found.refused, balancer: task(found, "web").service?.loadBalancers?.[0] };
  };

  it("needs a port, and one that is meant", () => {
    expect(balanced([]).refused).toEqual([
      "environments.prod.ecs.services.web has a target group, and web publishes no port in the compose file",
    ]);
    expect(balanced(["80:8080", "9000:9000"]).refused).toEqual([
      "environments.prod.ecs.services.web has a target group, and the compose file publishes 8080 of web and 9000 of web: name one of them as port",
    ]);
    expect(balanced(["80:8080", "9000:9000"], { port: 9000 }).balancer).toMatchObject({ containerPort: 9000 });
    expect(balanced(["${HTTP_PORT:-80}:8080", "127.0.0.1:81:8080"]).balancer).toMatchObject({ containerPort: 8080 });
  });

  it("is what a port and a grace are for", () => {
    const found = only({}, { ecs: { services: { web: { port: 8080, grace: 60 } } } });
    expect(found.refused).toEqual([
      "environments.prod.ecs.services.web.port is for a target_group, and there is none",
      "environments.prod.ecs.services.web.grace is for a target_group, and there is none",
    ]);
  });

  it("is missed where a port is published for nobody", () => {
    expect(only({ ports: ["80:8080"] }).noted).toContain(
      "web publishes 8080, and no target group sends requests there (environments.prod.ecs.services.web.target_group)",
    );
  });
});

describe("room", () => {
  const limited = (memory: string, more: object = {}) =>
    only({ deploy: { resources: { limits: { memory, cpus: "0.1" } } } }, { ecs: { services: { web: more } } });

  it("of a container is that of the compose file, within that of its task", () => {
    expect(limited("268435456")).toMatchObject({ refused: [], container: { memory: 256, cpu: 102 } });
    expect(limited("1g").refused).toEqual([
      "environments.prod.ecs.services.web.memory is 512 MiB, and web alone may have 1024 MiB: raise it",
    ]);
    expect(limited("lots").refused).toEqual(["web has lots as its limit of memory, which is no number of bytes"]);
    expect(only({ deploy: { resources: { limits: { cpus: "lots" } } } }).refused).toEqual([
      "web has lots as its limit of cpus, which is no number",
    ]);
  });

  it("of the containers of a task is within that of the task, too", () => {
    const resources = { limits: { cpus: "0.2", memory: "300m" } };
    const service = { deploy: { resources } };
    const pair = (more: object, nginx: object = service) =>
      told(
        translated({
          services: { web: service, nginx },
          ecs: { services: { web: { containers: ["web", "nginx"], ...more } } },
        }),
      ).refused;
    expect(pair({})).toEqual([
      "environments.prod.ecs.services.web.memory is 512 MiB, and its containers want 600 MiB together: raise it",
      "environments.prod.ecs.services.web.cpu is 256 units, and its containers want 410 together: raise it",
    ]);
    expect(pair({ cpu: 512, memory: 1024 })).toEqual([]);
    // What is set aside counts, and not the limit, which one may have while the other does without.
    const reserved = { deploy: { resources: { ...resources, reservations: { memory: "100m" } } } };
    expect(pair({ cpu: 512 }, reserved)).toEqual([]);
  });

  it("on the network of a task is one port for one container, of each protocol", () => {
    const of = (web: string, nginx: string) =>
      told(
        translated({
          services: { web: { ports: [web] }, nginx: { ports: [nginx] } },
          ecs: { services: { web: { containers: ["web", "nginx"] } } },
        }),
      ).refused;
    expect(of("80:8080", "81:8080")).toEqual([
      "environments.prod.ecs.services.web has 8080/tcp twice, in web and nginx: containers of one task share one network, so let one listen on another port, or give it a task of its own",
    ]);
    expect(of("80:8080", "81:8080/udp")).toEqual([]);
  });

  it("of a definition ends at 64 KiB", () => {
    const environment = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`KEY_${at}`, "x".repeat(1000)]));
    expect(only({ environment }).refused).toEqual([
      "environments.prod.ecs.services.web makes a definition of 72 KiB, and ECS takes 64 KiB",
    ]);
  });
});

describe("a shift", () => {
  const rule = (name: string) =>
    `arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/${name}`;
  const usual = {
    strategy: "BLUE_GREEN" as const,
    alternate_target_group: `${targetGroup}2`,
    production_rule: rule("people"),
    role: "arn:aws:iam::123456789012:role/shifts",
  };
  const shifted = (more: object = {}, own: object = { target_group: targetGroup }) => {
    const web = { ...own, shift: { ...usual, ...more } };
    return only({ ports: ["80:8080"] }, { ecs: { services: { web } } });
  };
  const settings = (more?: object) => task(shifted(more), "web").service;

  it("is what ECS is told of both target groups and their rules, without a breaker", () => {
    const { deploymentConfiguration, loadBalancers } = settings({ test_rule: rule("tests"), bake_minutes: 10 }) ?? {};
    expect(deploymentConfiguration).toEqual({
      strategy: "BLUE_GREEN",
      bakeTimeInMinutes: 10,
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: false, rollback: false },
    });
    expect(loadBalancers?.[0]?.advancedConfiguration).toEqual({
      alternateTargetGroupArn: usual.alternate_target_group,
      productionListenerRule: rule("people"),
      testListenerRule: rule("tests"),
      roleArn: usual.role,
    });
  });

  it("has steps of its own kind", () => {
    const steps = { percent: 12.5, step_minutes: 3 };
    expect(settings({ strategy: "CANARY", ...steps })?.deploymentConfiguration).toMatchObject({
      canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 3 },
      bakeTimeInMinutes: 5,
    });
    const linear = settings({ strategy: "LINEAR", percent: 20 })?.deploymentConfiguration;
    expect([linear?.linearConfiguration, linear?.canaryConfiguration]).toEqual([{ stepPercent: 20 }, undefined]);
  });

  it("waits where it is told to, for as long, and ECS says what then", () => {
    const at = ["POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT"];
    const told = settings({ pause_at: at, pause_minutes: 60, pause_then: "CONTINUE" })?.deploymentConfiguration;
    expect(told?.lifecycleHooks).toEqual([
      {
        targetType: "PAUSE",
        lifecycleStages: at,
        timeoutConfiguration: { timeoutInMinutes: 60, action: "CONTINUE" },
      },
    ]);
    expect(settings({ pause_at: ["POST_SCALE_UP"] })?.deploymentConfiguration.lifecycleHooks).toEqual([
      { targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"] },
    ]);
    expect(() => settings({ pause_minutes: 60 })).toThrow("there is no pause: pause_at says where");
    expect(() => settings({ pause_at: ["PRODUCTION_TRAFFIC_SHIFT"] })).toThrow("Invalid option");
  });

  it("needs two target groups, and runs a singleton twice", () => {
    expect(shifted({}, {}).refused).toEqual([
      "environments.prod.ecs.services.web.shift is for a target_group, and there is none",
    ]);
    expect(shifted({ alternate_target_group: targetGroup }).refused).toEqual([
      "environments.prod.ecs.services.web.shift.alternate_target_group is the target_group itself: name another one",
    ]);
    const web = { target_group: targetGroup, shift: usual };
    const single = only({ ports: ["80:8080"] }, { ecs: { services: { web } }, runtime: { singletons: ["web"] } });
    expect(single.refused).toContain(
      "environments.prod.ecs.services.web.shift would run two of web beside each other, of which there is one (runtime.singletons): take it away",
    );
  });
});

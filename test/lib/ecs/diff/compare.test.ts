import { DescribeTaskDefinitionCommand, RegisterTaskDefinitionCommand, type TaskDefinition } from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { compareDefinitions } from "../../../../src/lib/ecs/diff/compare.ts";
import { openCluster } from "../../sandbox/server/ecs/cluster.ts";
import { task, translated } from "../world.ts";

const release = task(
  translated({
    services: {
      web: {
        image: "${WEB_IMAGE}",
        environment: { WORKERS: "2", EMPTY: "" },
        init: true,
        read_only: true,
        cap_drop: ["NET_RAW", "CHOWN"],
        stop_grace_period: "30s",
        healthcheck: { test: ["CMD", "ok"], interval: "30s", timeout: "5s", retries: 3 },
        labels: { a: "1" },
      },
      nginx: { image: "${NGINX_IMAGE}", ports: ["80:8080"] },
      beat: { image: "${BEAT_IMAGE}" },
      celery: { image: "${CELERY_IMAGE}" },
    },
    ecs: { services: { web: { containers: ["web", "nginx"], cpu: 512, memory: 1024 } } },
  }),
  "web",
).taskDefinition;

/** As it runs, with something else in it. */
function running(change: (definition: TaskDefinition) => void): TaskDefinition {
  const copy = structuredClone(release) as unknown as TaskDefinition;
  change(copy);
  return copy;
}

const differences = (change: (definition: TaskDefinition) => void) => compareDefinitions(running(change), release);
const first = ({ containerDefinitions: [web] = [] }: TaskDefinition) => web!;

test("what ECS fills in by itself is no difference", async () => {
  const cluster = await openCluster();
  try {
    const asGiven = JSON.parse(JSON.stringify(release)) as never;
    const { taskDefinition: made } = await cluster.client.send(new RegisterTaskDefinitionCommand(asGiven));
    const asked = new DescribeTaskDefinitionCommand({ taskDefinition: made?.taskDefinitionArn ?? "" });
    const { taskDefinition } = await cluster.client.send(asked);
    expect(first(taskDefinition!).volumesFrom).toEqual([]);
    expect(compareDefinitions(taskDefinition!, release)).toEqual([]);
  } finally {
    await cluster.close();
  }
});

test("neither is an order that says nothing, nor whose registration it was", () => {
  expect(
    differences((copy) => {
      copy.containerDefinitions?.reverse();
      copy.containerDefinitions?.at(-1)?.environment?.reverse();
      copy.containerDefinitions?.at(-1)?.linuxParameters?.capabilities?.drop?.reverse();
      Object.assign(copy, {
        revision: 12,
        registeredBy: "ada",
        compatibilities: ["EC2"],
        status: "INACTIVE",
        tags: [],
      });
      Object.assign(copy.containerDefinitions?.[0]?.portMappings?.[0] ?? {}, { hostPort: 8080 });
    }),
  ).toEqual([]);
});

test("each field is named, images before all others", () => {
  const image = "registry/shop/web@sha256:" + "e".repeat(64);
  expect(
    differences((copy) => {
      copy.cpu = "256";
      copy.taskRoleArn = "arn:aws:iam::123456789012:role/admin";
      const [web, nginx] = copy.containerDefinitions ?? [];
      Object.assign(web!, { image, privileged: true, stopTimeout: 10, command: ["sh"], essential: false });
      Object.assign(web!.healthCheck!, { interval: 60 });
      delete nginx!.portMappings;
    }).map(({ container, field, runs, release: wanted }) => [container, field, runs, wanted]),
  ).toEqual([
    ["web", "image", image, first(release as never).image],
    [null, "cpu", "256", "512"],
    [null, "taskRoleArn", "arn:aws:iam::123456789012:role/admin", null],
    ["web", "command", '["sh"]', null],
    ["web", "essential", "false", null],
    ["web", "healthCheck.interval", "60", null],
    ["web", "privileged", "true", null],
    ["web", "stopTimeout", "10", "30"],
    ["nginx", "portMappings.8080/tcp", null, "there"],
  ]);
});

test("a container that only one of them has is one difference", () => {
  expect(
    differences((copy) => {
      copy.containerDefinitions?.pop();
      copy.containerDefinitions?.push({ name: "sidecar", image: "datadog:7" });
    }),
  ).toEqual([
    { container: "nginx", field: "container", runs: null, release: release.containerDefinitions[1]?.image },
    { container: "sidecar", field: "container", runs: "datadog:7", release: null },
  ]);
});

test("a value that somebody has put there is not shown", () => {
  const found = differences((copy) => {
    const web = first(copy);
    web.environment = [
      { name: "WORKERS", value: "hunter2" },
      { name: "TOKEN", value: "hunter2" },
    ];
    web.logConfiguration = { logDriver: "splunk", options: { "splunk-token": "hunter2" } };
  });
  expect(JSON.stringify(found)).not.toContain("hunter2");
  expect(found).toContainEqual({ container: "web", field: "environment.WORKERS", runs: "another value", release: "2" });
  expect(found).toContainEqual({ container: "web", field: "environment.TOKEN", runs: "a value", release: null });
});

import { CreateServiceCommand, DescribeTasksCommand, ListTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { network, openCluster, type OpenCluster } from "./cluster.ts";

const arn = "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/web/0123456789abcdef";
const group = {
  arn,
  backend: "tg",
  path: "/",
  intervalSeconds: 5,
  timeoutSeconds: 2,
  healthyCount: 2,
  unhealthyCount: 2,
  delaySeconds: 10,
};
const other = { ...group, arn: `${arn}2` };
const loadBalancers = [{ targetGroupArn: arn, containerName: "web", containerPort: 8080 }];

let ecs: OpenCluster;
beforeEach(async () => {
  ecs = await openCluster({ targetGroups: [group, other] });
});
afterEach(() => ecs.close());

const events = async (): Promise<readonly string[]> =>
  ((await ecs.service()).events ?? []).map(({ message = "" }) => message.replace(/\(target-group .*?\)/, "(tg)"));
const rollout = async () => (await ecs.service()).deployments?.[0]?.rolloutState;
const completed = (): Promise<void> => ecs.until(async () => (await rollout()) === "COMPLETED");
const stopped = async () => {
  const { taskArns = [] } = await ecs.client.send(new ListTasksCommand({ cluster: "main", desiredStatus: "STOPPED" }));
  if (taskArns.length === 0) return [];
  return (await ecs.client.send(new DescribeTasksCommand({ cluster: "main", tasks: taskArns }))).tasks ?? [];
};

describe("a service behind a target group", () => {
  test("is registered once it runs, and gets requests after its first check that passes", async () => {
    await ecs.create(await ecs.register("web", "unchecked"), { loadBalancers });
    await ecs.until(async () => (await events())[0] === "(service web) registered 1 targets in (tg)");
    expect(ecs.balancer.takers()).toEqual([]);
    await ecs.until(() => ecs.balancer.takers().length === 1);
    // Nobody waits 40 seconds for what somebody looks at.
    await ecs.looks(2);
    expect(await rollout()).toBe("COMPLETED");
  });

  test("is not well for its own check alone: what fails there is replaced, and trips the breaker", async () => {
    await ecs.create(await ecs.register("web"), { loadBalancers });
    await completed();
    const bad = await ecs.register("bad");
    ecs.balancer.fail((address) => address.startsWith("bad"));
    const { status } = await ecs.update({ taskDefinition: bad });
    await ecs.until(async () => (await status()) === "ROLLBACK_SUCCESSFUL");
    const reasons = new Set((await stopped()).map(({ stoppedReason }) => stoppedReason));
    expect(reasons).toContain(`Task failed ELB health checks in (target-group ${arn})`);
    expect((await events()).join("\n")).toMatch(
      /\(port 8080\) is unhealthy in \(tg\) due to \(reason Health checks failed\)/,
    );
    expect(ecs.balancer.takers()).toEqual([expect.stringMatching(/^web:1:/)]);
  });

  test("whose new tasks fail checks in their grace is left alone", async () => {
    ecs.balancer.fail(() => true);
    const healthCheckGracePeriodSeconds = 60;
    await ecs.create(await ecs.register("web"), { loadBalancers, healthCheckGracePeriodSeconds });
    await ecs.looks(50);
    expect(await stopped()).toEqual([]);
    await ecs.looks(30);
    expect((await stopped()).length).toBeGreaterThan(0);
  });

  test("keeps its old task until the new one gets requests, and lets it end what it has", async () => {
    await ecs.create(await ecs.register("web"), { loadBalancers });
    await completed();
    const { taskArns: [old = ""] = [] } = await ecs.client.send(new ListTasksCommand({ cluster: "main" }));
    await ecs.update({ taskDefinition: await ecs.register("next") });
    const seen: string[] = [];
    await ecs.until(async () => {
      seen.push(
        ecs.balancer
          .takers()
          .map((one) => one.split(":")[0])
          .join(),
      );
      return ecs.balancer.leaving().length > 0;
    });
    expect(seen).not.toContain("");
    expect(ecs.balancer.leaving()).toEqual([expect.stringMatching(/^web:1:/)]);
    const look = async () =>
      (await ecs.client.send(new DescribeTasksCommand({ cluster: "main", tasks: [old] }))).tasks?.[0]?.lastStatus;
    await ecs.looks(8);
    expect(await look()).toBe("DEACTIVATING");
    expect(await rollout()).toBe("IN_PROGRESS");
    await ecs.looks(4);
    expect(await look()).toBe("STOPPED");
    await completed();
    const told = await events();
    expect(
      told.slice(
        0,
        told.findIndex((one) => one.includes("has started")),
      ),
    ).toEqual([
      expect.stringContaining("deployment completed."),
      "(service web) has reached a steady state.",
      "(service web) has begun draining connections on 1 tasks.",
      "(service web) deregistered 1 targets in (tg)",
      expect.stringContaining("has stopped 1 running tasks"),
      "(service web) registered 1 targets in (tg)",
    ]);
  });

  test("goes back behind the target group that it was behind", async () => {
    const deploymentConfiguration = {
      minimumHealthyPercent: 0,
      maximumPercent: 100,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    };
    await ecs.create(await ecs.register("web"), { loadBalancers, deploymentConfiguration });
    await completed();
    ecs.balancer.fail((address) => address.startsWith("bad"));
    const moved = loadBalancers.map((one) => ({ ...one, targetGroupArn: other.arn }));
    const { status } = await ecs.update({ taskDefinition: await ecs.register("bad"), loadBalancers: moved });
    await ecs.until(async () => (await status()) === "ROLLBACK_SUCCESSFUL");
    const told = ((await ecs.service()).events ?? []).map(({ message = "" }) => message);
    expect(told.find((one) => one.includes(" registered 1 targets"))).toContain(`(target-group ${arn})`);
  });

  test("takes out what is stopped by hand, too", async () => {
    await ecs.create(await ecs.register("web"), { loadBalancers });
    await completed();
    const { taskArns: [task = ""] = [] } = await ecs.client.send(new ListTasksCommand({ cluster: "main" }));
    await ecs.client.send(new StopTaskCommand({ cluster: "main", task }));
    await ecs.look();
    expect(ecs.balancer.takers()).toEqual([]);
    expect(ecs.balancer.leaving()).toHaveLength(1);
    expect(await stopped()).toMatchObject([{ stopCode: "UserInitiated" }]);
    await ecs.until(() => ecs.balancer.leaving().length === 0 && ecs.balancer.takers().length === 1);
  });
});

test.each([
  [
    { targetGroupArn: `${arn}0` },
    `The target group with targetGroupArn ${arn}0 does not have an associated load balancer.`,
  ],
  [{ containerName: "nginx" }, "The container nginx does not exist in the task definition."],
  [{ containerPort: 80 }, "The container web did not have a container port 80 defined."],
  [{ loadBalancerName: "classic" }, "The sandbox knows no Classic Load Balancers: give a targetGroupArn."],
  [{ advancedConfiguration: {} }, "advancedConfiguration is not supported with the ROLLING deployment strategy."],
])(
  "a target that there is not is refused, when a service is made and when it is changed: %o",
  async (wrong, message) => {
    const taskDefinition = await ecs.register("web");
    const one = [{ ...loadBalancers[0], ...wrong }] as typeof loadBalancers;
    const common = { cluster: "main", desiredCount: 1, networkConfiguration: network, launchType: "FARGATE" } as const;
    const made = new CreateServiceCommand({ ...common, serviceName: "other", taskDefinition, loadBalancers: one });
    await expect(ecs.client.send(made)).rejects.toMatchObject({ name: "InvalidParameterException", message });
    await ecs.create(taskDefinition);
    await expect(ecs.update({ loadBalancers: one })).rejects.toMatchObject({ message });
    expect((await ecs.service()).loadBalancers).toEqual([]);
  },
);

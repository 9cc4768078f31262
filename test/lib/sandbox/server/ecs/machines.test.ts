import { DescribeClustersCommand, DescribeContainerInstancesCommand } from "@aws-sdk/client-ecs";
import { CreateClusterCommand, ListContainerInstancesCommand } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dockerMachines } from "../../../../../src/lib/sandbox/server/ecs/run/machines.ts";
import type { ContainerSummary, DockerEngine } from "../../../../../src/lib/sandbox/server/ssm/docker-engine.ts";
import type { HostExecutor, ManagedHost } from "../../../../../src/lib/sandbox/server/ssm/hosts.ts";
import { openCluster, type OpenCluster } from "./cluster.ts";

const machine = (id: string, cluster: string, State = "running"): ContainerSummary => ({
  Id: `container-${id}`,
  State,
  Created: 1_800_000_000,
  Labels: { "threads.ecs-machine": id, "threads.ecs-cluster": cluster, "threads.ecs-instance": "true" },
});

/** What docker lists by the labels that it is asked for. */
function machinesAmong(all: readonly ContainerSummary[], hosts: readonly Partial<ManagedHost>[] = []) {
  const docker: Partial<DockerEngine> = {
    list: async (labels) => (labels.join() === "threads.sandbox=1,threads.ecs-machine" ? all : []),
    exec: async (_, argv) => ({ exitCode: 0, stdout: argv.join(" "), stderr: "" }),
  };
  const executor = { hosts: async () => hosts } as unknown as HostExecutor;
  return dockerMachines(docker as DockerEngine, "1", executor);
}

describe("tasks of a cluster", () => {
  const host = { instanceId: "i-host", reference: "host", running: true };
  const placesOf = async (all: readonly ContainerSummary[], cluster: string) =>
    (await machinesAmong(all, [host]).engines(cluster)).map(({ id }) => id);

  test("are on its own machine, and nowhere else", async () => {
    const all = [machine("i-1", "shop"), machine("i-2", "far")];
    expect(await placesOf(all, "shop")).toEqual(["i-1"]);
    expect(await placesOf(all, "far")).toEqual(["i-2"]);
  });

  test("wait for a machine that is stopped, and go to no host meanwhile", async () => {
    expect(await placesOf([machine("i-1", "shop", "exited")], "shop")).toEqual([]);
  });

  test("are on hosts of environments where the cluster was made by hand", async () => {
    expect(await placesOf([machine("i-1", "shop")], "other")).toEqual(["i-host"]);
  });
});

describe("container instances", () => {
  let ecs: OpenCluster;
  beforeEach(async () => {
    const common = { cluster: "main", running: true, registeredAt: 1_800_000_000 };
    ecs = await openCluster({
      machines: [
        { ...common, id: "i-1", isInstance: true },
        { ...common, id: "i-2", isInstance: false },
      ],
    });
  });
  afterEach(() => ecs.close());

  test("are the machines of a cluster for the launch type EC2: Fargate has none", async () => {
    const { containerInstanceArns: arns = [] } = await ecs.client.send(
      new ListContainerInstancesCommand({ cluster: "main" }),
    );
    expect(arns).toEqual([expect.stringMatching(/:container-instance\/main\/[0-9a-f]{32}$/)]);
    const asked = new DescribeContainerInstancesCommand({
      cluster: "main",
      containerInstances: [...arns, "0".repeat(32)],
    });
    const { containerInstances, failures } = await ecs.client.send(asked);
    expect(containerInstances).toMatchObject([{ ec2InstanceId: "i-1", status: "ACTIVE", agentConnected: true }]);
    expect(failures).toMatchObject([{ reason: "MISSING" }]);
  });

  test("are counted by their cluster, and by no other", async () => {
    await ecs.client.send(new CreateClusterCommand({ clusterName: "far" }));
    const { clusters = [] } = await ecs.client.send(new DescribeClustersCommand({ clusters: ["main", "far"] }));
    expect(clusters.map((one) => one.registeredContainerInstancesCount)).toEqual([1, 0]);
  });
});

import { createHash } from "node:crypto";
import type { Operation } from "../protocol.ts";
import { arn, clusterOf, type EcsParts, type Input, lastPart, lookUp, page, read } from "./parts.ts";
import type { Machine } from "./run/machines.ts";
import { isAlive } from "./schedule/task.ts";

/** Container instances (API reference, 2014-11-13): machines of clusters that an environment with the launch type EC2 runs in. */
export function instanceOperations(parts: EcsParts): Readonly<Record<string, Operation>> {
  return {
    ListContainerInstances: async (input) => {
      const status = read.optionalString(input, "status") ?? "ACTIVE";
      const own = await instancesIn(parts, clusterOf(parts, input).name);
      const { items, ...more } = page(status === "ACTIVE" ? own : [], input, { key: numberOf, usual: 100, most: 100 });
      return { containerInstanceArns: items.map((one) => instanceArn(parts, one)), ...more };
    },
    DescribeContainerInstances: async (input) => {
      const { name: cluster } = clusterOf(parts, input);
      const own = await instancesIn(parts, cluster);
      const { found: containerInstances, failures } = lookUp(
        read.strings(input, "containerInstances", { min: 1, max: 100 }).map(lastPart),
        (id) => {
          const one = own.find((each) => numberOf(each) === id);
          return one && instanceView(parts, one);
        },
        (id) => arn(parts, `container-instance/${cluster}/${id}`),
      );
      return { containerInstances, failures };
    },
  };
}

/** Those that a cluster has. */
export async function instancesIn({ machines }: EcsParts, cluster: string): Promise<readonly Machine[]> {
  return (await machines()).filter((one) => one.isInstance && one.cluster === cluster);
}

/** A container instance has a number of its own, beside that of EC2. */
function numberOf({ id }: Machine): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}

function instanceArn(parts: EcsParts, one: Machine): string {
  return arn(parts, `container-instance/${one.cluster}/${numberOf(one)}`);
}

function instanceView(parts: EcsParts, one: Machine): Input {
  const tasks = Object.values(parts.store.state.tasks).filter((task) => task.cluster === one.cluster && isAlive(task));
  const running = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
  return {
    containerInstanceArn: instanceArn(parts, one),
    ec2InstanceId: one.id,
    status: "ACTIVE",
    agentConnected: one.running,
    runningTasksCount: running,
    pendingTasksCount: tasks.length - running,
    registeredAt: one.registeredAt,
    registeredResources: [],
    remainingResources: [],
    attachments: [],
    attributes: [],
    tags: [],
    version: 1,
  };
}

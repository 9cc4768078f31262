import type { Operation } from "../protocol.ts";
import { tagsOf } from "./check-definition.ts";
import { clusterArn, type EcsParts, type Input, lastPart, lookUp, nameRule, read } from "./parts.ts";
import { instancesIn } from "./instance-operations.ts";
import { isAlive } from "./schedule/task.ts";
import { at, type Cluster } from "./state.ts";

/** Clusters (API reference, 2014-11-13). */
export function clusterOperations(parts: EcsParts): Readonly<Record<string, Operation>> {
  return {
    CreateCluster: async (input) => {
      const name = read.optionalString(input, "clusterName", nameRule) ?? "default";
      const tags = tagsOf(input);
      // Made again it is the same (API reference, CreateCluster).
      const cluster = await parts.store.update(
        ({ clusters }) => (clusters[name] = at(clusters, name) ?? { name, status: "ACTIVE", tags }),
      );
      return { cluster: clusterView(parts, cluster, input, await countIn(cluster, parts)) };
    },
    DescribeClusters: async (input) => {
      const asked = read.optionalStrings(input, "clusters", { max: 100 }) ?? ["default"];
      const machines = await parts.machines();
      const { found: clusters, failures } = lookUp(
        asked.map(lastPart),
        (name) => {
          const one = at(parts.store.state.clusters, name);
          const instances = machines.filter(({ cluster, isInstance }) => isInstance && cluster === name);
          return one && clusterView(parts, one, input, instances.length);
        },
        (name) => clusterArn(parts, name),
      );
      return { clusters, failures };
    },
  };
}

async function countIn({ name }: Cluster, parts: EcsParts): Promise<number> {
  return (await instancesIn(parts, name)).length;
}

function clusterView(parts: EcsParts, { name, status, tags }: Cluster, input: Input, instances: number): Input {
  const tasks = Object.values(parts.store.state.tasks).filter((task) => task.cluster === name && isAlive(task));
  const services = Object.values(parts.store.state.services);
  const running = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
  const include = Array.isArray(input["include"]) ? input["include"] : [];
  return {
    clusterArn: clusterArn(parts, name),
    clusterName: name,
    status,
    registeredContainerInstancesCount: instances,
    runningTasksCount: running,
    pendingTasksCount: tasks.length - running,
    activeServicesCount: services.filter((one) => one.cluster === name && one.status === "ACTIVE").length,
    statistics: [],
    tags: include.includes("TAGS") ? tags : [],
    settings: [],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  };
}

import { ecsEnvironment } from "../../ecs/environment-on-ecs.ts";
import { compareDefinitions } from "../../ecs/diff/compare.ts";
import type { LiveEcs } from "../../ecs/live/live-ecs.ts";
import type { Task } from "../../ecs/translate.ts";
import { step } from "../../progress/progress.ts";
import { count } from "../../text/words.ts";
import { renderEcs, type RenderOptions, type RenderPorts } from "./render.ts";
import type { EcsDiffResult, EcsTaskDiff } from "./result.ts";

export interface DiffPorts extends RenderPorts {
  readonly ecs: Pick<LiveEcs, "services" | "definition">;
}

/** What ECS would be told of a release, beside what its services run. Reads only. @throws ThreadsError as renderEcs, and as LiveEcs does */
export async function diffEcs(options: RenderOptions, ports: DiffPorts): Promise<EcsDiffResult> {
  const { outcome: _, tasks: wanted, ...rendered } = await renderEcs(options, ports);
  const { cluster } = ecsEnvironment(ports.config, options.environment, () => "").ecs;
  const tasks = await step(ports.progress, "Look at what runs", async (looking) => {
    const found = await compareAll(wanted, cluster, ports.ecs);
    looking.done(`Looked at ${count(wanted.length, "task")} in the cluster ${cluster}`);
    return found;
  });
  const has = (is: EcsTaskDiff["is"]): boolean => tasks.some((one) => one.is === is);
  return {
    ...rendered,
    outcome: has("different") ? "different" : has("absent") ? "absent" : "same",
    cluster,
    tasks,
  };
}

async function compareAll(
  tasks: readonly Task[],
  cluster: string,
  ecs: DiffPorts["ecs"],
): Promise<readonly EcsTaskDiff[]> {
  const names = tasks.flatMap(({ service }) => service?.serviceName ?? []);
  const services = await ecs.services(cluster, names);
  return Promise.all(
    tasks.map(async ({ name, taskDefinition, service }): Promise<EcsTaskDiff> => {
      const plain = {
        task: name,
        service: service?.serviceName ?? null,
        runs: null,
        isInactive: null,
        differences: [],
      };
      if (service === null) return { ...plain, is: "one-off" };
      const arn = services.get(service.serviceName)?.taskDefinition;
      if (arn === undefined) return { ...plain, is: "absent" };
      const runs = await ecs.definition(arn);
      const differences = compareDefinitions(runs, taskDefinition);
      const is = differences.length === 0 ? "same" : "different";
      return { ...plain, runs: arn, isInactive: runs.status === "INACTIVE", is, differences };
    }),
  );
}

import type { Task } from "@aws-sdk/client-ecs";
import type { EcsCall } from "../aws/ecs-calls.ts";
import { pages } from "../aws/patient-calls.ts";
import { type Application, clusterName } from "./application.ts";

interface Which {
  /** Of whom: only one of the two can be asked by. */
  readonly by: { readonly serviceName: string } | { readonly startedBy: string } | { readonly family: string };
  readonly desiredStatus: "RUNNING" | "STOPPED";
}

/** How many DescribeTasks takes at once. */
const atOnce = 100;

/** Tasks as ECS describes them; those that are STOPPED it knows for an hour. */
export async function readTasks(
  { cluster }: Pick<Application, "cluster">,
  { by, desiredStatus }: Which,
  call: EcsCall,
): Promise<readonly Task[]> {
  const where = `cluster ${clusterName(cluster)}`;
  const read = (nextToken: string | undefined) =>
    call({
      doing: `listing tasks of ${where}`,
      send: (client, { ListTasksCommand }, options) =>
        client.send(new ListTasksCommand({ cluster, ...by, desiredStatus, maxResults: atOnce, nextToken }), options),
    });
  const tasks: Task[] = [];
  for await (const { taskArns = [] } of pages(read)) {
    if (taskArns.length > 0) tasks.push(...(await describeTasks({ cluster }, taskArns, call)));
  }
  return tasks;
}

/**
 * Tasks of a family that have not ended. One that is told to end is listed with those that are over, and runs for as long as its
 * time to stop: those are read last, since it may be told meanwhile.
 */
export async function readUnended(
  application: Pick<Application, "cluster">,
  family: string,
  call: EcsCall,
): Promise<readonly Task[]> {
  const running = await readTasks(application, { by: { family }, desiredStatus: "RUNNING" }, call);
  const stopped = await readTasks(application, { by: { family }, desiredStatus: "STOPPED" }, call);
  const latest = new Map([...running, ...stopped].map((task) => [task.taskArn, task]));
  return [...latest.values()].filter(({ lastStatus }) => lastStatus !== "STOPPED");
}

/** Those of these tasks that ECS knows: one that has only just begun may be unknown for a while. */
export async function describeTasks(
  { cluster }: Pick<Application, "cluster">,
  tasks: readonly string[],
  call: EcsCall,
): Promise<readonly Task[]> {
  const answer = await call({
    doing: `looking at tasks of cluster ${clusterName(cluster)}`,
    send: (client, { DescribeTasksCommand }, options) =>
      client.send(new DescribeTasksCommand({ cluster, tasks: [...tasks] }), options),
  });
  return answer.tasks ?? [];
}

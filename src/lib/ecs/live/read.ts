import { inParts } from "../../aws/in-parts.ts";
import type { Cluster, Failure, Service, Task } from "@aws-sdk/client-ecs";
import { type EcsCall, ecsCalls } from "../../aws/ecs-calls.ts";
import type { AwsClients } from "../../aws/clients.ts";
import { type CallPorts, pages } from "../../aws/patient-calls.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { list } from "../../text/words.ts";
import type { LiveEcs } from "./live-ecs.ts";

interface LivePorts extends CallPorts {
  readonly aws: Pick<AwsClients, "ecs" | "contact" | "profile" | "region">;
}

/** Of one request (API reference, DescribeServices, DescribeTasks). */
const mostServices = 10;
const mostTasks = 100;

/** Asks ECS itself. Nothing is asked before the first call. */
export function liveEcs(ports: LivePorts): LiveEcs {
  const send = ecsCalls(ports);
  const call: EcsCall = (request) => send({ words: (error) => inWords(error, request.doing), ...request });
  return { ...clusterReads(call), ...definitionReads(call) };
}

function clusterReads(call: EcsCall): Pick<LiveEcs, "cluster" | "services" | "tasks"> {
  const servicesOf = async (cluster: string, names: readonly string[]): Promise<readonly Service[]> => {
    const { services = [], failures = [] } = await call({
      doing: `looking at services of the cluster ${cluster}`,
      send: (client, sdk, options) =>
        client.send(new sdk.DescribeServicesCommand({ cluster, services: [...names], include: ["TAGS"] }), options),
    });
    requireAnswered(`services of the cluster ${cluster}`, names, { found: services.map(nameIn), failures });
    return services;
  };
  const tasksOf = async (cluster: string, arns: readonly string[]): Promise<readonly Task[]> => {
    const { tasks = [], failures = [] } = await call({
      doing: `looking at tasks of the cluster ${cluster}`,
      send: (client, sdk, options) => client.send(new sdk.DescribeTasksCommand({ cluster, tasks: [...arns] }), options),
    });
    // ECS has just listed them: one that it does not know now may run all the same.
    requireAnswered(`tasks of the cluster ${cluster}`, arns.map(idIn), {
      found: tasks.map(taskId),
      failures: failures.filter(({ reason }) => reason !== "MISSING"),
    });
    return tasks;
  };
  return {
    cluster: async (cluster) => {
      const { clusters = [], failures = [] } = await call({
        doing: `looking at the cluster ${cluster}`,
        send: (client, sdk, options) => client.send(new sdk.DescribeClustersCommand({ clusters: [cluster] }), options),
      });
      requireAnswered("clusters", [idIn(cluster)], { found: clusters.map(clusterName), failures });
      return clusters[0];
    },
    services: async (cluster, names) => {
      const found = await Promise.all(inParts(names, mostServices).map((some) => servicesOf(cluster, some)));
      const there = found.flat().filter(({ status }) => status !== "INACTIVE");
      return new Map(there.map((service) => [nameIn(service), service]));
    },
    tasks: async (cluster) => {
      const found: Task[] = [];
      const read = (nextToken: string | undefined) =>
        call({
          doing: `looking for tasks of the cluster ${cluster}`,
          send: (client, sdk, options) => client.send(new sdk.ListTasksCommand({ cluster, nextToken }), options),
        });
      for await (const { taskArns = [] } of pages(read))
        for (const some of inParts(taskArns, mostTasks)) found.push(...(await tasksOf(cluster, some)));
      return found;
    },
  };
}

function definitionReads(call: EcsCall): Pick<LiveEcs, "definition" | "families" | "newest"> {
  return {
    definition: async (arn) => {
      const { taskDefinition } = await call({
        doing: `reading the task definition ${idIn(arn)}`,
        send: (client, sdk, options) =>
          client.send(new sdk.DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ["TAGS"] }), options),
      });
      if (taskDefinition === undefined) throw incomplete(`the task definition ${idIn(arn)}`);
      return taskDefinition;
    },
    families: async (familyPrefix) => {
      const found: string[] = [];
      const read = (nextToken: string | undefined) =>
        call({
          doing: `looking for task definitions of ${familyPrefix}`,
          send: (client, sdk, options) => {
            const which = { familyPrefix, status: "ACTIVE", nextToken } as const;
            return client.send(new sdk.ListTaskDefinitionFamiliesCommand(which), options);
          },
        });
      for await (const { families = [] } of pages(read)) found.push(...families);
      return found;
    },
    newest: async (familyPrefix, most) => {
      const { taskDefinitionArns = [], nextToken } = await call({
        doing: `looking for task definitions of ${familyPrefix}`,
        send: (client, sdk, options) => {
          const which = { familyPrefix, status: "ACTIVE", sort: "DESC", maxResults: most } as const;
          return client.send(new sdk.ListTaskDefinitionsCommand(which), options);
        },
      });
      return { arns: taskDefinitionArns, hasMore: nextToken !== undefined };
    },
  };
}

/** HTTP 200 with fewer answers than questions: only what ECS itself calls MISSING is known not to be there. */
function requireAnswered(
  what: string,
  asked: readonly string[],
  { found, failures }: { readonly found: readonly string[]; readonly failures: readonly Failure[] },
): void {
  const missing = failures.filter(({ reason }) => reason === "MISSING").map(({ arn = "" }) => idIn(arn));
  const known = new Set([...found, ...missing]);
  const open = asked.map(idIn).filter((name) => !known.has(name));
  if (open.length === 0) return;
  const reasons = failures.flatMap(({ arn = "", reason = "", detail = "" }) =>
    reason === "MISSING" ? [] : [`${arn}: ${reason} ${detail}`.trim()],
  );
  throw incomplete(`${list(open)} of the ${what}`, reasons);
}

function incomplete(what: string, details: readonly string[] = []): ThreadsError {
  return new ThreadsError("ECS_INCOMPLETE", {
    message: `ECS was asked for ${what}, and does not say whether it is there`,
    details,
    advice: ["try again in a minute"],
  });
}

function inWords(error: Error, doing: string): ThreadsError | undefined {
  if (error.name !== "ClusterNotFoundException") return undefined;
  return new ThreadsError("CLUSTER_NOT_FOUND", {
    message: `ECS has no such cluster in this account and region, as was found while ${doing}`,
    next: ["aws ecs list-clusters", "aws sts get-caller-identity"],
    advice: ["write the cluster's name or ARN below ecs in threads.yml"],
    cause: error,
  });
}

/** What an ARN ends with. */
function idIn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

const nameIn = ({ serviceName = "" }: Service): string => serviceName;
const clusterName = ({ clusterName: name = "" }: Cluster): string => name;
const taskId = ({ taskArn = "" }: Task): string => idIn(taskArn);

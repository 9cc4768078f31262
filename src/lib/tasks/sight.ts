import { passes } from "../aws/passes.ts";
import type { EcsEnvironment } from "../ecs/environment-on-ecs.ts";
import type { Member, Observed, Sight } from "../fleet/target.ts";
import { type Application, applicationOf, clusterName, memberOf } from "./application.ts";
import { definitionReader } from "./definitions.ts";
import { lookAt } from "./look.ts";
import type { TaskSightPorts } from "./ports.ts";

/** An environment on ECS, as it can be seen: one member, which is the whole application in its cluster. */
export function taskSight(environment: EcsEnvironment, { config, call, clock }: TaskSightPorts): Sight {
  const application = applicationOf(environment, config);
  const ports = { call, clock, read: definitionReader(call), now: () => clock.now() };
  const known = async (): Promise<Member> => memberOf(application, await isOnline(application, { call }));
  return {
    minimum: 1,
    belongs: `cluster ${clusterName(application.cluster)}`,
    members: async () => [await known()],
    former: async (ids) => (ids.includes(application.id) ? [await known()] : []),
    look: (members) => Promise.all(members.map((member) => observe(member, application, ports))),
  };
}

async function observe(host: Member, application: Application, ports: Parameters<typeof lookAt>[1]): Promise<Observed> {
  try {
    if (await isThere(application, ports))
      return { host, summary: await lookAt(application, ports), silence: undefined };
    return { host, summary: undefined, silence: noCluster(application) };
  } catch (error) {
    if (!passes(error)) throw error;
    return { host, summary: undefined, silence: `no answer: ${error.message}` };
  }
}

async function isOnline(application: Application, ports: Pick<TaskSightPorts, "call">): Promise<boolean> {
  try {
    return await isThere(application, ports);
  } catch (error) {
    if (!passes(error)) throw error;
    return false;
  }
}

export function noCluster({ cluster }: Pick<Application, "cluster">): string {
  return `no word, since there is no ACTIVE cluster ${clusterName(cluster)} on ECS`;
}

/** Whether the cluster is there, and active: HTTP 200 says neither. */
export async function isThere({ cluster }: Application, { call }: Pick<TaskSightPorts, "call">): Promise<boolean> {
  const { clusters = [] } = await call({
    doing: `looking for cluster ${clusterName(cluster)}`,
    send: (client, { DescribeClustersCommand }, options) =>
      client.send(new DescribeClustersCommand({ clusters: [cluster] }), options),
  });
  return clusters.some(({ status }) => status === "ACTIVE");
}

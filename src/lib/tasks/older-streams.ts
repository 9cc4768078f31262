import type { EcsCall } from "../aws/ecs-calls.ts";
import type { Config } from "../config/config.ts";
import { ecsName, logGroupOf, streamsBegin } from "../config/ecs-names.ts";
import type { EcsEnvironment } from "../ecs/environment-on-ecs.ts";
import { type Application, applicationOf, clusterName, startedByPrefix } from "./application.ts";
import { type Definition, definitionReader, findDefinition, type ReadDefinition } from "./definitions.ts";
import { readServices, type SeenService } from "./services.ts";
import { readTasks } from "./tasks.ts";

/** Streams that are not called as those of an environment are by now. */
export interface OlderStreams {
  /** What their names begin with: that of one stream, where others may be called alike. */
  readonly prefix: string;
  /** The compose file's name for what writes them. */
  readonly service: string;
}

interface OlderPorts {
  readonly config: Pick<Config, "app" | "services" | "runtime" | "environments">;
  readonly call: EcsCall;
}

interface Reading {
  readonly application: Application;
  readonly call: EcsCall;
  readonly read: ReadDefinition;
  /** Where a definition's containers write to, but for what is called as is usual now. */
  readonly writes: (definition: Definition) => readonly Writes[];
  /** Others may write to the log group as well: a prefix tells nobody whose a stream is, a task does. */
  readonly isShared: boolean;
}

interface Writes {
  readonly prefix: string;
  readonly service: string;
}

type By = Parameters<typeof readTasks>[1]["by"];

/**
 * What task definitions of before name, where a prefix did not say whose a stream is: of what services run, and ran before. In a log
 * group that others may share, only streams of tasks that ECS still knows. Rejects as ECS's calls do.
 */
export async function olderStreams(
  environment: EcsEnvironment,
  { config, call }: OlderPorts,
): Promise<readonly OlderStreams[]> {
  const application = applicationOf(environment, config);
  const group = logGroupOf(environment.ecs, config.app, environment.name);
  const read = definitionReader(call);
  const writes = writesTo(group, application);
  const reading: Reading = { application, call, read, writes, isShared: mayShare(environment, config) };
  const [services, once] = await Promise.all([
    readServices(application, call),
    Promise.all(application.oneOffs.map((family) => ofOneOff(family, reading))),
  ]);
  const all = await Promise.all(services.map((service) => ofService(service, reading)));
  const found = [...all.flat(), ...once.flat()];
  return [...new Map(found.map((one) => [one.prefix, one])).values()];
}

/** A group that nobody has named bears the environment's own name. */
function mayShare({ name, ecs }: EcsEnvironment, { app, environments }: OlderPorts["config"]): boolean {
  if (ecs.logGroup !== undefined) return true;
  const own = logGroupOf(ecs, app, name);
  return Object.values(environments).some(
    (other) => other.name !== name && other.ecs !== undefined && logGroupOf(other.ecs, app, other.name) === own,
  );
}

function writesTo(group: string, { app, environment, composeNames }: Application): Reading["writes"] {
  const begin = streamsBegin(app, environment);
  return ({ described: { containerDefinitions = [] } }) =>
    containerDefinitions.flatMap(({ name = "", logConfiguration }): readonly Writes[] => {
      const { "awslogs-group": to, "awslogs-stream-prefix": prefix } = logConfiguration?.options ?? {};
      if (to !== group || prefix === undefined || `${prefix}/`.startsWith(begin)) return [];
      return [{ prefix: `${prefix}/${ecsName(name)}/`, service: composeNames.get(name) ?? name }];
    });
}

async function ofService({ name, definition, marks }: SeenService, reading: Reading): Promise<readonly OlderStreams[]> {
  const { release, before } = marks;
  const named = [definition, release?.definition, before === "none" ? undefined : before?.definition];
  const arns = [...new Set(named)].flatMap((arn) => arn || []);
  const definitions = await Promise.all(arns.map((arn) => reading.read(arn)));
  return streamsOf(definitions, { serviceName: name }, reading);
}

async function ofOneOff(family: string, reading: Reading): Promise<readonly OlderStreams[]> {
  const { read, call, writes } = reading;
  // The newest, and the one before: as of a service.
  const found = await findDefinition(family, (one) => writes(one).length > 0, { call, read, most: 2 });
  return found === undefined ? [] : streamsOf([found], { family }, reading);
}

async function streamsOf(
  definitions: readonly Definition[],
  by: By,
  { application, call, writes, isShared }: Reading,
): Promise<readonly OlderStreams[]> {
  const older = new Map(definitions.map((one) => [one.arn, writes(one)]));
  const all = [...older.values()].flat();
  if (all.length === 0 || !isShared) return all;
  const tasks = await Promise.all(
    (["RUNNING", "STOPPED"] as const).map((desiredStatus) => readTasks(application, { by, desiredStatus }, call)),
  );
  // A family is run by whoever may, a service's tasks by ECS alone.
  const own = tasks
    .flat()
    .filter(({ startedBy = "" }) => "serviceName" in by || startedBy.startsWith(startedByPrefix(application)));
  return own.flatMap(({ taskArn = "", taskDefinitionArn = "" }) =>
    (older.get(taskDefinitionArn) ?? []).map(({ prefix, service }) => ({
      prefix: `${prefix}${clusterName(taskArn)}`,
      service,
    })),
  );
}

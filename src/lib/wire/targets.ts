import type { AwsClients } from "../aws/clients.ts";
import type { CallPorts } from "../aws/patient-calls.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config, EnvironmentConfig } from "../config/config.ts";
import { hasEcs } from "../ecs/environment-on-ecs.ts";
import { hasHosts } from "../fleet/hosts.ts";
import type { Sight, TargetOf } from "../fleet/target.ts";
import type { HostTargetPorts } from "../hosts/ports.ts";
import { hostSight } from "../hosts/sight.ts";
import type { Remote } from "../remote/remote.ts";
import type { TaskTargetPorts } from "../tasks/ports.ts";

/** What ECS is asked with. */
interface EcsWorld extends CallPorts {
  readonly aws: CallPorts["aws"] & Pick<AwsClients, "ecs">;
  readonly clock: Clock;
}

/** What environments run on, as everybody sees it who only looks. */
export function openSight(
  config: Pick<Config, "app" | "services" | "runtime">,
  remote: Remote,
  world: EcsWorld,
): TargetOf<Sight> {
  return async (environment) => {
    if (hasHosts(environment)) return hostSight(environment, { app: config.app, remote });
    if (!hasEcs(environment)) throw nothingRuns(environment);
    const [{ taskSight }, { ecsCalls }] = await Promise.all([
      import("../tasks/sight.ts"),
      import("../aws/ecs-calls.ts"),
    ]);
    return taskSight(environment, { config, clock: world.clock, call: ecsCalls(world) });
  };
}

/** What environments run on, for whoever deploys to it. */
export interface TargetPorts extends HostTargetPorts {
  /** Asked for where one is on ECS. */
  readonly tasks?: Pick<EcsWorld, "aws"> & Pick<TaskTargetPorts, "translated">;
}

export function openTargets({ tasks, ...ports }: TargetPorts): TargetOf {
  return async (environment) => {
    if (hasHosts(environment)) {
      const { hostTarget } = await import("../hosts/target.ts");
      return hostTarget(environment, ports);
    }
    if (!hasEcs(environment) || tasks === undefined) throw nothingRuns(environment);
    const { aws, ...more } = tasks;
    const [{ taskTarget }, { ecsCalls }] = await Promise.all([
      import("../tasks/target.ts"),
      import("../aws/ecs-calls.ts"),
    ]);
    return taskTarget(environment, { ...ports, ...more, call: ecsCalls({ aws, clock: ports.clock }) });
  };
}

/** A bug: who asks has asked deployableEnvironment before. */
export function nothingRuns({ name }: EnvironmentConfig): RangeError {
  return new RangeError(`${name} runs on nothing that threads knows`);
}

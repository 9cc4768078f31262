import type { CallPorts } from "../aws/patient-calls.ts";
import type { AwsClients } from "../aws/clients.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config, EnvironmentConfig } from "../config/config.ts";
import { hasEcs } from "../ecs/environment-on-ecs.ts";
import { hasHosts } from "../fleet/hosts.ts";
import type { MemberLogsOf } from "../fleet/member-logs.ts";
import { hostLogs } from "../hosts/logs.ts";
import type { Secret } from "../secret/secret.ts";
import { nothingRuns } from "./targets.ts";

interface LogsWorld extends CallPorts {
  readonly aws: CallPorts["aws"] & Pick<AwsClients, "ecs" | "logs" | "ssm" | "secrets">;
  readonly clock: Clock;
}

type MemberLogsPorts = Omit<Parameters<typeof hostLogs>[1], "config"> & {
  readonly config: Config;
  /** What CloudWatch Logs is asked with; asked for where an environment is on ECS. */
  readonly world?: LogsWorld;
};

/** What is said in environments, whatever they run on. */
export function openMemberLogs({ world, ...ports }: MemberLogsPorts): MemberLogsOf {
  return async (environment) => {
    if (hasHosts(environment)) return hostLogs(environment, ports);
    if (!hasEcs(environment) || world === undefined) throw nothingRuns(environment);
    const { config } = ports;
    const { clock } = world;
    const [{ taskLogs }, { olderStreams }, { logsCalls }, { ecsCalls }] = await Promise.all([
      import("../tasks/logs.ts"),
      import("../tasks/older-streams.ts"),
      import("../aws/logs-calls.ts"),
      import("../aws/ecs-calls.ts"),
    ]);
    const secrets = (): Promise<readonly Secret[]> => settingsOf(environment, config, world);
    return taskLogs(environment, {
      config,
      clock,
      secrets,
      olderStreams: (signal) => olderStreams(environment, { config, call: ecsCalls({ ...world, signal }) }),
      callUntil: (signal) => logsCalls({ ...world, signal }),
    });
  };
}

async function settingsOf(
  { envFrom }: EnvironmentConfig,
  config: Config,
  world: LogsWorld,
): Promise<readonly Secret[]> {
  const from = envFrom ?? config.runtime.envFrom;
  if (from === undefined) return [];
  const [{ settingValues }, { directRecords }] = await Promise.all([
    import("../ledger/setting-values.ts"),
    import("../ledger/direct-records.ts"),
  ]);
  const others = Object.keys(config.environments).flatMap((name) => directRecords(config.app, name));
  return settingValues(from, others, world);
}

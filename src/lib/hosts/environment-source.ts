import { directRecords } from "../ledger/direct-records.ts";
import type { DeployScript } from "../script/host-scripts.ts";
import type { HostPorts } from "./ports.ts";

/** Where the host makes its environment file from. What the ledger keeps may lie in that path, and is no variable. */
export function environmentSource({
  config,
  environment,
  region,
}: Pick<HostPorts, "environment" | "region"> & {
  readonly config: Pick<HostPorts["config"], "app" | "runtime" | "environments">;
}): Pick<DeployScript, "envFrom" | "envOthers" | "region"> {
  const envFrom = config.environments[environment]?.envFrom ?? config.runtime.envFrom;
  if (envFrom === undefined) return {};
  const envOthers = Object.keys(config.environments).flatMap((name) => directRecords(config.app, name));
  return { envFrom, envOthers, region };
}

import { deployableEnvironment } from "../../fleet/hosts.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { oneDeployment, type OneDeploymentPorts } from "./one.ts";
import type { TimelineResult } from "../../ledger/timeline-result.ts";
import type { DeploymentDetail, HistoryResult } from "./result.ts";
import { history, type HistoryOptions } from "./run.ts";
import { timeline, type TimelinePorts } from "./timeline.ts";

export interface ShowOptions extends HistoryOptions {
  /** One deployment by its number, with or without a `#`. */
  readonly deployment: string | undefined;
  /** Whatever was decided, not only deployments. */
  readonly all: boolean;
}

/** The past of an environment, as much of it as was asked for. @throws ThreadsError USAGE */
export function showHistory(
  { deployment, all, ...options }: ShowOptions,
  ports: OneDeploymentPorts & TimelinePorts,
): Promise<HistoryResult | DeploymentDetail | TimelineResult> {
  const { environment } = options;
  if (deployment !== undefined)
    return oneDeployment({ environment, number: numberIn(deployment, options, ports) }, ports);
  return all ? timeline(options, ports) : history(options, ports);
}

function numberIn(text: string, { environment }: HistoryOptions, { config }: OneDeploymentPorts): number {
  const [, digits] = /^#?([1-9]\d{0,5})$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits);
  const { name } = deployableEnvironment(config, environment, (other) => `threads history -e ${other}`);
  throw new ThreadsError("USAGE", {
    message: `"${text}" is no number of a deployment, such as 5 or #5`,
    next: [`threads history -e ${name}`],
  });
}

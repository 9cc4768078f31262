import { randomBytes } from "node:crypto";
import { unlessAborted } from "../../clock/unless-aborted.ts";
import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { commandLines } from "../../ecs/command-lines.ts";
import { hasEcs } from "../../ecs/environment-on-ecs.ts";
import type { Next } from "../../errors/next.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type HostedEnvironment, hostedEnvironment, hostText } from "../../fleet/hosts.ts";
import { observe } from "../../hosts/observe.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { Member } from "../../fleet/target.ts";
import { chooseHost } from "./choose-host.ts";
import { foundBy, requireContainer } from "./judge.ts";
import { type ExecOptions, execLine, splitWords } from "./options.ts";
import { orderCommand, type OrderPorts } from "./order.ts";
import type { ExecPlan } from "./plan.ts";
import { planned, ran } from "./report.ts";
import type { ExecResult } from "./result.ts";

export interface ExecPorts extends Omit<OrderPorts, "nonce"> {
  readonly config: Config;
  readonly ledger: OrderPorts["ledger"] & Pick<Ledger, "deploymentLog">;
  readonly progress: Progress;
}

/**
 * Runs a command in the running container of a service on one host, and writes down who did.
 * @throws ThreadsError NO_COMMAND, UNKNOWN_HOST, UNKNOWN_SERVICE (usage), NOT_RUNNING, HOST_OFFLINE … (refused), NO_ANSWER (unknown)
 */
export async function exec(options: ExecOptions, ports: ExecPorts): Promise<ExecResult> {
  const { config, progress, signal } = ports;
  const type = (name: string): string => execLine(options, { environment: name });
  const environment = hostedEnvironment(config, options.environment, type, (other) => onEcs(options, other, config));
  const { service, command } = splitWords(options);
  const host = await unlessAborted(signal, () => findHost(options, { environment, service }, ports));
  const plan = { options, app: config.app, environment: environment.name, host, service, command };
  if (options.dryRun) return planned(plan, await look(plan, ports));
  const nonce = randomBytes(8).toString("hex");
  const title = `Run ${command[0] ?? ""} in ${service} on ${hostText(host)}`;
  const { report, recorded } = await step(progress, title, async (own) => {
    // A database, or a slip: the host knows, and a slip is not to be written down.
    if (!config.services.includes(service)) await look(plan, ports);
    const ended = await orderCommand(plan, own, { ...ports, nonce });
    requireContainer(ended.report, plan);
    return ended;
  });
  return ran(plan, report, recorded);
}

/** Nobody is sent a command there; AWS's own CLI runs it all the same. */
function onEcs(options: ExecOptions, environment: EnvironmentConfig, config: Config): Next {
  if (!hasEcs(environment)) return { next: [], advice: [] };
  const next = commandLines(environment, splitWords(options), config);
  const advice = [
    "the first runs it in a task of its own: `threads logs` shows what that says, and `aws ecs describe-tasks` its exit code",
    "the second needs ECS Exec, which a service has after `aws ecs update-service --enable-execute-command` and a deployment; it tells no exit code",
  ];
  return { next, advice };
}

interface Place {
  readonly environment: HostedEnvironment;
  readonly service: string;
}

/** What runs on one host only is looked for there. */
async function findHost(options: ExecOptions, { environment, service }: Place, ports: ExecPorts): Promise<Member> {
  const { config, remote, ledger } = ports;
  const isSingle = options.host === undefined && config.runtime.singletons.includes(service);
  const first = async (): Promise<string | undefined> => {
    const { deployments, serverTime } = await ledger.deploymentLog(environment.name);
    return standing(deployments, serverTime).current?.hosts[0];
  };
  const [hosts, only] = await Promise.all([
    remote.hosts(environment.hosts),
    // Who looks for the cause of a failure can do without the ledger.
    isSingle ? first().catch(() => undefined) : undefined,
  ]);
  return chooseHost(hosts, { environment, host: options.host, only, type: (host) => execLine(options, { host }) });
}

/** @returns name of the container in which it would run */
async function look(plan: ExecPlan, { remote, signal }: ExecPorts): Promise<string> {
  const { app, environment, host, service } = plan;
  const [seen] = await observe({ app, environment, hosts: [host] }, { remote, signal });
  if (seen?.summary === undefined)
    throw new ThreadsError("HOST_SILENT", {
      message: `${hostText(host)} of ${environment} gives ${seen?.silence ?? "no answer"}`,
      next: [`threads status -e ${environment}`],
    });
  const found = foundBy(seen.summary, service);
  requireContainer(found, plan);
  return found.container;
}

import { killScript, lookAtScript, startScript } from "./agent.ts";
import { share } from "./commands.ts";
import type { Command, CommandLog, Invocation } from "./commands.ts";
import type { HostExecutor, ManagedHost, Pace } from "./hosts.ts";
import type { LogOutput } from "./log-output.ts";
import { agentOutput } from "./outputs.ts";
import { errorCount, isFinal, rebootCode, scriptVerdict, verdict } from "./statuses.ts";
import type { ScriptVerdict, StatusDetails } from "./statuses.ts";
import { resolveSsmReferences } from "./substitution.ts";
import type { ParameterLookup } from "./substitution.ts";
import { createWorkers } from "./workers.ts";
import type { Workers } from "./workers.ts";

/** Carries commands to the hosts and their outcomes back. */
export interface Delivery {
  /** Takes charge of every unfinished invocation of a command; returns at once. */
  dispatch(command: Command): void;
  /** Marks the invocations and, where a script runs, kills it on the host; resolves when the marks are on disk. */
  cancel(command: Command, instanceIds: readonly string[]): Promise<void>;
}

export interface DeliveryPorts {
  readonly executor: HostExecutor;
  readonly log: CommandLog;
  readonly pace: Pace;
  readonly lookUp: ParameterLookup;
  /** Undefined where there is no CloudWatch Logs. */
  readonly output?: LogOutput | undefined;
  /** One line for the server's log: hosts that cannot be reached, bugs. */
  readonly report: (line: string) => void;
}

interface Charge extends DeliveryPorts {
  readonly command: Command;
  readonly invocation: Invocation;
}

/** How often a host that is away, or a script that a former server started, is looked at; milliseconds. */
const lookEvery = 200;
/** The agent starts an unfinished step again after a reboot, up to this often (CommandRetryLimit). */
const runLimit = 15;

export function createDelivery(ports: DeliveryPorts): Delivery {
  const workers = createWorkers();
  return {
    dispatch(command) {
      // MaxConcurrency counts within one command.
      const places = createWorkers(share(command.maxConcurrency, command.invocations.length, 1));
      for (const invocation of command.invocations) {
        if (isFinal(invocation.details)) continue;
        inBackground({ ...ports, command, invocation }, (charge) => attend(charge, places, workers));
      }
    },
    async cancel(command, instanceIds) {
      const chosen = command.invocations.filter((one) => instanceIds.includes(one.instanceId) && !isFinal(one.details));
      await ports.log.update(command.commandId, () => {
        command.cancelRequested ||= chosen.length > 0;
        for (const one of chosen) {
          one.cancelRequested = true;
          if (one.details === "Pending") Object.assign(one, { details: "Cancelled", endedAt: ports.pace.now() });
          else one.details = "Cancelling";
        }
      });
      for (const invocation of chosen) {
        if (!isFinal(invocation.details)) inBackground({ ...ports, command, invocation }, killOnHost);
      }
    },
  };
}

function inBackground(charge: Charge, work: (charge: Charge) => Promise<void>): void {
  work(charge).catch((error: unknown) => charge.report(`${describeCharge(charge)}: ${String(error)}`));
}

function describeCharge({ command, invocation }: Charge): string {
  return `ssm: ${invocation.instanceId}, command ${command.commandId}`;
}

async function attend(charge: Charge, places: Workers, workers: Workers): Promise<void> {
  const { command, invocation } = charge;
  const leavePlace = await places.take(command.commandId);
  const leaveWorker = await workers.take(invocation.instanceId);
  try {
    const errors = errorCount(command.invocations.map((one) => one.details));
    if (invocation.details === "Pending" && errors > share(command.maxErrors, command.invocations.length, 0)) {
      await settle(charge, "Terminated");
    }
    const fresh = invocation.details === "Pending";
    if (fresh) await deliver(charge);
    if (!isFinal(invocation.details)) await execute(charge, fresh);
  } finally {
    leaveWorker();
    leavePlace();
  }
}

/** Waits for the host for as long as TimeoutSeconds allow, then the command is in progress. */
async function deliver(charge: Charge): Promise<void> {
  const { command, invocation, pace, log } = charge;
  const deliverBy = command.requestedAt + command.timeoutSeconds * 1000;
  while (!isFinal(invocation.details)) {
    const host = await findHost(charge);
    if (host?.running === true) {
      await log.update(command.commandId, () => {
        if (isFinal(invocation.details)) return;
        Object.assign(invocation, { details: "InProgress", reference: host.reference, startedAt: pace.now() });
      });
      return;
    }
    if (pace.now() >= deliverBy) {
      // A host that was away from the start is reported as one that cannot be reached.
      const away = host === undefined || !invocation.wasOnline;
      await settle(charge, away ? "Undeliverable" : "DeliveryTimedOut");
    } else {
      await pace.sleep(lookEvery);
    }
  }
}

/** Until the script has an outcome or both clocks have run out: TimeoutSeconds + executionTimeout (user guide, command statuses). */
async function execute(charge: Charge, fresh: boolean): Promise<void> {
  const { command, invocation, pace } = charge;
  const endBy = command.requestedAt + (command.timeoutSeconds + command.executionTimeoutSeconds) * 1000;
  const expiry = async (): Promise<"expired"> => {
    while (pace.now() < endBy && !isFinal(invocation.details)) await pace.sleep(lookEvery);
    return "expired";
  };
  const expired = expiry();
  let start = fresh;
  while (!isFinal(invocation.details)) {
    const outcome = await Promise.race([expired, step(charge, start)]);
    if (outcome === "expired") await settle(charge, "DeliveryTimedOut");
    start = outcome === "again";
    if (outcome === "wait") await Promise.race([expired, pace.sleep(lookEvery)]);
  }
}

type Step = "done" | "look" | "wait" | "again";

async function step(charge: Charge, start: boolean): Promise<Step> {
  const { command, invocation, executor } = charge;
  try {
    const host = await findHost(charge);
    // Another machine under the same id knows nothing of this command.
    if (host?.running !== true || host.reference !== invocation.reference) return "wait";
    const state = start ? { kind: "absent" as const } : await lookAtScript(executor, host, command.commandId);
    if (state.kind === "absent") return await run(charge, host);
    if (state.kind === "running") {
      if (invocation.cancelRequested) await killScript(executor, host, command.commandId);
      return "wait";
    }
    if (state.exitCode === rebootCode && !invocation.cancelRequested && invocation.runs < runLimit) {
      await executor.restart(host);
      return "again";
    }
    await charge.output?.rest(charge, host);
    const found = scriptVerdict({ ...state, cancelled: invocation.cancelRequested });
    await settle(charge, found.details, found);
    return "done";
  } catch (error) {
    // The host cannot be reached just now: its outcome is unknown, so the invocation stays in progress.
    charge.report(`${describeCharge(charge)}: ${String(error)}`);
    return "wait";
  }
}

async function run(charge: Charge, host: ManagedHost): Promise<Step> {
  const { command, invocation, executor, log } = charge;
  const { own, parameters } = command;
  const resolved = (value: string) => resolveSsmReferences(value, charge.lookUp);
  const text = resolved(`${own?.script ?? (parameters["commands"] ?? []).join("\n")}\n`);
  const workingDirectory = resolved(own?.workingDirectory ?? parameters["workingDirectory"]?.[0] ?? "");
  const variables = Object.entries(own?.variables ?? {}).map(([name, value]) => ({ name, value: resolved(value) }));
  const failed = (stderr: string) => ({ ...verdict("Failed"), responseCode: 1, stdout: "", stderr });
  if (invocation.cancelRequested) {
    await settle(charge, "Cancelled");
  } else if (
    text === undefined ||
    workingDirectory === undefined ||
    variables.some(({ value }) => value === undefined)
  ) {
    await settle(charge, "Failed", failed("Input contains invalid parameters"));
  } else if (invocation.runs >= runLimit) {
    await settle(charge, "Failed", failed(`the host rebooted in the middle of ${runLimit} runs of this step`));
  } else {
    await log.update(command.commandId, () => {
      invocation.runs += 1;
    });
    if (isFinal(invocation.details)) return "done";
    const { commandId, region, executionTimeoutSeconds: timeoutSeconds } = command;
    const words = variables.map(({ name, value = "" }) => `${name}=${value}`);
    const order = { commandId, region, timeoutSeconds, workingDirectory, script: text, variables: words };
    const endOutput = charge.output?.begin(charge, host);
    const problem = await startScript(executor, host, order);
    await endOutput?.();
    if (problem !== undefined) await settle(charge, "Failed", failed(problem));
  }
  return "look";
}

async function settle(charge: Charge, details: StatusDetails, found?: ScriptVerdict): Promise<void> {
  const { command, invocation, pace, log } = charge;
  await log.update(command.commandId, () => {
    if (isFinal(invocation.details)) return;
    Object.assign(invocation, { details, endedAt: pace.now() });
    if (found === undefined) return;
    const { responseCode } = found;
    Object.assign(invocation, { responseCode, stdout: agentOutput(found.stdout), stderr: agentOutput(found.stderr) });
  });
}

async function findHost(charge: Charge): Promise<ManagedHost | undefined> {
  const hosts = await charge.executor.hosts().catch((error: unknown) => {
    charge.report(`ssm: the hosts cannot be listed: ${String(error)}`);
    return [];
  });
  return hosts.find((host) => host.instanceId === charge.invocation.instanceId);
}

async function killOnHost(charge: Charge): Promise<void> {
  const host = await findHost(charge);
  if (host?.running === true && host.reference === charge.invocation.reference) {
    await killScript(charge.executor, host, charge.command.commandId);
  }
}

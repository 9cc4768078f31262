import type { CommandInvocation, ListCommandInvocationsCommandOutput } from "@aws-sdk/client-ssm";
import { pages } from "../aws/patient-calls.ts";
import { type SsmCall, ssmCalls } from "../aws/ssm-calls.ts";
import type { Clock } from "../clock/clock.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { SsmPorts } from "./ports.ts";
import type { HostRun, SentCommand, WaitOptions } from "./remote.ts";
import { endOf, normalise } from "./statuses.ts";

/** A command's invocations appear late (the API is eventually consistent by its own documentation). */
const appearWithinMs = 60_000;
const firstPauseMs = 250;
const longestPauseMs = 3_000;
/** GetCommandInvocation calls at a time. */
const readers = 8;

/** How long the output of a command that has ended may stay invisible. */
const outputWithinMs = 10_000;
const outputPauseMs = 500;

interface WaitPorts {
  readonly call: SsmCall;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** See Remote.wait: one ListCommandInvocations per round, whatever the number of hosts, then each host's output. */
export async function waitForCommand(
  command: SentCommand,
  options: WaitOptions,
  ports: SsmPorts,
): Promise<readonly HostRun[]> {
  const signal = options.signal ?? ports.signal;
  const waiting = { call: ssmCalls({ ...ports, signal }), clock: ports.clock, signal };
  try {
    const ended = await untilEnded(command, options, waiting);
    return await readRuns(command, ended, waiting);
  } catch (error) {
    signal?.throwIfAborted();
    throw lostSight(error, command.environment);
  }
}

/** Every host's run, a few at a time. */
async function readRuns(
  command: SentCommand,
  ended: ReadonlyMap<string, string>,
  ports: WaitPorts,
): Promise<readonly HostRun[]> {
  const runs: HostRun[] = [];
  const queue = [...command.hosts];
  const read = async (): Promise<void> => {
    for (let host = queue.shift(); host !== undefined; host = queue.shift())
      runs.push(await readRun({ command, host, status: ended.get(host) }, ports));
  };
  await Promise.all(Array.from({ length: readers }, read));
  return command.hosts.map((host) => runs.find((run) => run.host === host)).filter((run) => run !== undefined);
}

/** @returns the last status of each host; hosts whose invocation never appeared have none. */
async function untilEnded(
  command: SentCommand,
  options: WaitOptions,
  { call, clock, signal }: WaitPorts,
): Promise<ReadonlyMap<string, string>> {
  const seen = new Map<string, string>();
  // Looks that AWS kept waiting have seen nothing of the time.
  let paused = 0;
  let pause = firstPauseMs;
  for (;;) {
    signal?.throwIfAborted();
    for (const invocation of await listInvocations(command.id, call)) {
      const status = normalise(invocation.StatusDetails ?? invocation.Status ?? "");
      const host = invocation.InstanceId ?? "";
      if (seen.get(host) !== status) options.onChange?.(host, status);
      seen.set(host, status);
    }
    const open = command.hosts.filter((host) => {
      const status = seen.get(host);
      return status === undefined ? paused < appearWithinMs : endOf(status) === undefined;
    });
    const isOver = clock.now() >= command.deadline || paused >= (options.patienceMs ?? Infinity);
    if (open.length === 0 || isOver) return seen;
    await clock.sleep(pause, signal);
    paused += pause;
    pause = Math.min(pause * 1.4, longestPauseMs);
  }
}

async function listInvocations(id: string, call: SsmCall): Promise<CommandInvocation[]> {
  const notYet = (): Partial<ListCommandInvocationsCommandOutput> => ({});
  const read = (NextToken: string | undefined): Promise<Partial<ListCommandInvocationsCommandOutput>> =>
    call({
      doing: "waiting for the hosts",
      send: (client, sdk, options) => {
        const input = { CommandId: id, MaxResults: 50, NextToken };
        return client.send(new sdk.ListCommandInvocationsCommand(input), options);
      },
      answers: { InvocationDoesNotExist: notYet, InvalidCommandId: notYet },
    });
  const found: CommandInvocation[] = [];
  for await (const { CommandInvocations = [] } of pages(read)) found.push(...CommandInvocations);
  return found;
}

/** The command goes on without us: whatever stops us from looking, the outcome is unknown and not a refusal. */
export function lostSight(error: unknown, environment: string): unknown {
  if (!(error instanceof ThreadsError)) return error;
  return error.with({
    outcome: "unknown",
    message: `${error.message}; the hosts go on without us`,
    next: [`threads status -e ${environment}`],
    cause: error,
  });
}

interface Reading {
  readonly command: SentCommand;
  readonly host: string;
  readonly status: string | undefined;
}

async function readRun({ command, host, status }: Reading, ports: WaitPorts): Promise<HostRun> {
  const nothing = { host, exitCode: -1, stdout: "", stderr: "" };
  if (status === undefined) return { ...nothing, end: "unknown", status: "noinvocation" };
  const end = endOf(status);
  if (end === undefined) return { ...nothing, end: "unknown", status };
  if (end === "never-ran") return { ...nothing, end, status };
  const output = await readOutput(command.id, host, ports);
  return output === undefined ? { ...nothing, end: "unknown", status } : { host, end, status, ...output };
}

/** @returns undefined where SSM does not show it in time */
function readOutput(
  id: string,
  host: string,
  { call, clock, signal }: WaitPorts,
): Promise<Pick<HostRun, "exitCode" | "stdout" | "stderr"> | undefined> {
  const read = (): ReturnType<typeof readOutput> =>
    call({
      doing: "reading what the hosts have said",
      send: async (client, sdk, options) => {
        const input = { CommandId: id, InstanceId: host };
        const found = await client.send(new sdk.GetCommandInvocationCommand(input), options);
        const { ResponseCode = -1, StandardOutputContent = "", StandardErrorContent = "" } = found;
        return { exitCode: ResponseCode, stdout: StandardOutputContent, stderr: StandardErrorContent };
      },
      answers: { InvocationDoesNotExist: () => undefined },
    });
  const patience = { timeoutMs: outputWithinMs, pausesOnly: true, pauseMs: outputPauseMs, maxPauseMs: outputPauseMs };
  return until(read, { clock, signal, ...patience });
}

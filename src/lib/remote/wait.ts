import type { CommandInvocation, SSMClient } from "@aws-sdk/client-ssm";
import { awsFailure } from "../aws/failure.ts";
import type { Clock } from "../clock/clock.ts";
import type { ThreadsError } from "../errors/threads-error.ts";
import type { HostRun, SentCommand, WaitOptions } from "./remote.ts";
import { endOf, normalise } from "./statuses.ts";

/** A command's invocations appear late (the API is eventually consistent by its own documentation). */
const appearWithinMs = 60_000;
const firstPauseMs = 250;
const longestPauseMs = 3_000;
/** GetCommandInvocation calls at a time. */
const readers = 8;

interface WaitPorts {
  readonly client: SSMClient;
  readonly clock: Clock;
}

/** See Remote.wait: one ListCommandInvocations per round, whatever the number of hosts, then each host's output. */
export async function waitForCommand(
  command: SentCommand,
  options: WaitOptions,
  ports: WaitPorts,
): Promise<readonly HostRun[]> {
  const ended = await untilEnded(command, options, ports);
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
  { client, clock }: WaitPorts,
): Promise<ReadonlyMap<string, string>> {
  const seen = new Map<string, string>();
  const appearBy = clock.now() + appearWithinMs;
  let pause = firstPauseMs;
  for (;;) {
    options.signal?.throwIfAborted();
    for (const invocation of await listInvocations(client, command.id)) {
      const status = normalise(invocation.StatusDetails ?? invocation.Status ?? "");
      const host = invocation.InstanceId ?? "";
      if (seen.get(host) !== status) options.onChange?.(host, status);
      seen.set(host, status);
    }
    const now = clock.now();
    const open = command.hosts.filter((host) => {
      const status = seen.get(host);
      return status === undefined ? now < appearBy : endOf(status) === undefined;
    });
    if (open.length === 0 || now >= command.deadline) return seen;
    await clock.sleep(pause, options.signal);
    pause = Math.min(pause * 1.4, longestPauseMs);
  }
}

async function listInvocations(client: SSMClient, id: string): Promise<CommandInvocation[]> {
  const { ListCommandInvocationsCommand } = await import("../aws/ssm-sdk.ts");
  const found: CommandInvocation[] = [];
  let next: string | undefined;
  try {
    do {
      const page = await client.send(
        new ListCommandInvocationsCommand({
          CommandId: id,
          MaxResults: 50,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      found.push(...(page.CommandInvocations ?? []));
      next = page.NextToken;
    } while (next !== undefined && next !== "");
  } catch (error) {
    if ((error as Error).name === "InvocationDoesNotExist" || (error as Error).name === "InvalidCommandId") return [];
    throw lostSight(error);
  }
  return found;
}

/** The command goes on without us: whatever stops us from looking, the outcome is unknown and not a refusal. */
export function lostSight(error: unknown): ThreadsError {
  const failure = awsFailure(error, "waiting for the hosts");
  return failure.with({
    outcome: "unknown",
    message: `${failure.message}; the hosts go on without us`,
    next: ["threads status"],
    cause: error,
  });
}

interface Reading {
  readonly command: SentCommand;
  readonly host: string;
  readonly status: string | undefined;
}

async function readRun({ command, host, status }: Reading, { client, clock }: WaitPorts): Promise<HostRun> {
  const nothing = { host, exitCode: -1, stdout: "", stderr: "" };
  if (status === undefined) return { ...nothing, end: "unknown", status: "noinvocation" };
  const end = endOf(status);
  if (end === undefined) return { ...nothing, end: "unknown", status };
  if (end === "never-ran") return { ...nothing, end, status };
  const { GetCommandInvocationCommand } = await import("../aws/ssm-sdk.ts");
  for (let attempt = 0; ; attempt += 1) {
    try {
      const found = await client.send(new GetCommandInvocationCommand({ CommandId: command.id, InstanceId: host }));
      const stdout = found.StandardOutputContent ?? "";
      return {
        host,
        end,
        status,
        exitCode: found.ResponseCode ?? -1,
        stdout,
        stderr: found.StandardErrorContent ?? "",
      };
    } catch (error) {
      if ((error as Error).name !== "InvocationDoesNotExist" || attempt > 20) throw lostSight(error);
      await clock.sleep(firstPauseMs * 2);
    }
  }
}

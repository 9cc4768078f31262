import type { CommandInvocation } from "@aws-sdk/client-ssm";
import { atMost } from "../aws/at-most.ts";
import { type SsmCall, ssmCalls } from "../aws/ssm-calls.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { Lookout } from "./lookout.ts";
import type { SsmPorts } from "./ports.ts";
import type { HostRun, Remote, SentCommand } from "./remote.ts";
import { endOf } from "./statuses.ts";
import { statusOf } from "./watches.ts";

/** GetCommandInvocation calls at a time. */
const readers = 8;

/** How long the output of a command that has ended may stay invisible. */
const outputWithinMs = 10_000;
const outputPauseMs = 500;

/** What ListCommandInvocations shows of both streams (API reference, CommandPlugin). */
const shownLength = 2_500;
/** What the agent puts between them. */
const between = "----------ERROR-------";

type Output = Pick<HostRun, "exitCode" | "stdout" | "stderr">;

/** Waits for hosts, see Remote.wait; all that are waited for at once are looked at together. */
export function openWait(ports: SsmPorts): Remote["wait"] {
  const lookout = new Lookout(ports);
  const inTurn = atMost(readers);
  return async (command, options = {}) => {
    const signal = options.signal ?? ports.signal;
    const call = ssmCalls({ ...ports, signal });
    const read = (host: string): Promise<Output | undefined> =>
      inTurn(() => readOutput(command.id, host, { ...ports, signal, call }));
    try {
      const seen = await lookout.watch(command, { ...options, ...(signal === undefined ? {} : { signal }) });
      return await Promise.all(command.hosts.map((host) => runOf(host, seen.get(host), read)));
    } catch (error) {
      signal?.throwIfAborted();
      throw lostSight(error, command.environment);
    }
  };
}

/** The command goes on without us: whatever stops us from looking, the outcome is unknown and not a refusal. */
export function lostSight(error: unknown, environment: SentCommand["environment"]): unknown {
  if (!(error instanceof ThreadsError)) return error;
  return error.with({
    outcome: "unknown",
    message: `${error.message}; the hosts go on without us`,
    next: [`threads status -e ${environment}`],
    cause: error,
  });
}

async function runOf(
  host: string,
  shown: CommandInvocation | undefined,
  read: (host: string) => Promise<Output | undefined>,
): Promise<HostRun> {
  const nothing = { host, exitCode: -1, stdout: "", stderr: "" };
  const status = statusOf(shown);
  if (status === undefined) return { ...nothing, end: "unknown", status: "noinvocation" };
  const end = endOf(status);
  if (end === undefined) return { ...nothing, end: "unknown", status };
  if (end === "never-ran") return { ...nothing, end, status };
  const output = (end === "succeeded" ? wholeOutput(shown) : undefined) ?? (await read(host));
  return output === undefined ? { ...nothing, end: "unknown", status } : { host, end, status, ...output };
}

/** What a host has said, as far as the list shows certainly all of it: of a thousand hosts nobody asks each. */
function wholeOutput(shown: CommandInvocation | undefined): Output | undefined {
  const [{ Output: stdout = "", ResponseCode: exitCode } = {}, ...others] = shown?.CommandPlugins ?? [];
  const isWhole = stdout !== "" && stdout.length < shownLength && !stdout.includes(between);
  return isWhole && others.length === 0 && exitCode !== undefined ? { exitCode, stdout, stderr: "" } : undefined;
}

/** @returns undefined where SSM does not show it in time */
function readOutput(
  id: string,
  host: string,
  { call, clock, signal }: SsmPorts & { readonly call: SsmCall },
): Promise<Output | undefined> {
  const read = (): Promise<Output | undefined> =>
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

import type { AccessControl } from "../iam/access-control.ts";
import { logAccess } from "../logs/logs.ts";
import type { LogStore } from "../logs/streams.ts";
import type { Identity } from "../protocol.ts";
import { pluginOf } from "./command-views.ts";
import type { Command, CommandLog, Invocation } from "./commands.ts";
import type { HostExecutor, ManagedHost, Pace } from "./hosts.ts";

/** What the agents write for commands that name a log group. */
export interface LogOutput {
  /** While a script runs. @returns what ends that, with the rest of it */
  begin(work: OutputOf, host: ManagedHost): () => Promise<void>;
  /** What of a script's output was not written yet, once it has ended. */
  rest(work: OutputOf, host: ManagedHost): Promise<void>;
}

interface OutputOf {
  readonly command: Command;
  readonly invocation: Invocation;
}

export interface OutputPorts {
  readonly store: LogStore;
  readonly access: Pick<AccessControl, "find" | "require">;
  readonly executor: HostExecutor;
  readonly log: CommandLog;
  readonly pace: Pace;
  /** Where agents keep the files of a command. */
  readonly directoryOf: (host: ManagedHost, commandId: string) => string;
  readonly report: (line: string) => void;
  /** Where a host finds the credentials of its role. */
  readonly roleFile?: string | undefined;
}

/** The agent looks for news so often, and puts so much into one event (amazon-ssm-agent, cloudwatchlogspublisher). */
const everyMs = 1_000;
const mostBytes = 200_000;

/** The credentials of the host's role, a line each, then what is new on both streams. */
const news = `
dir=$1
if [ -r "$4" ]; then . "$4"; fi
printf '%s\\n%s\\n' "\${SANDBOX_ACCESS_KEY_ID-}" "\${SANDBOX_SESSION_TOKEN-}"
for stream in "stdout $2" "stderr $3"; do
  tail -c "+$((\${stream#* } + 1))" "$dir/\${stream%% *}" 2>/dev/null | head -c ${mostBytes} | base64 -w 0
  echo
done
`;

/**
 * The output of commands into CloudWatch Logs, as the agents do it: in streams `<command>/<instance>/<plugin>/stdout|stderr`, the
 * latter only where there is something of it, by the role of the host. Where that is not allowed nothing is written, and the
 * command goes on without a word (user guide, "Configuring CloudWatch Logs for Run Command").
 */
export function logOutput(ports: OutputPorts): LogOutput {
  const denied = new Set<Invocation>();
  const write = async (work: OutputOf, host: ManagedHost, isLast: boolean): Promise<boolean> => {
    const { invocation } = work;
    if (denied.has(invocation)) return false;
    try {
      return await writeNews(work, host, { ...ports, isLast });
    } catch (error) {
      denied.add(invocation);
      ports.report(`ssm: ${invocation.instanceId} writes nothing to CloudWatch Logs: ${String(error)}`);
      return false;
    }
  };
  const rest = async (work: OutputOf, host: ManagedHost): Promise<void> => {
    if (work.command.logGroup === undefined) return;
    while (await write(work, host, true));
  };
  return {
    begin: (work, host) => {
      if (work.command.logGroup === undefined) return () => Promise.resolve();
      const over = new AbortController();
      const writing = (async () => {
        while (!over.signal.aborted) {
          await write(work, host, false);
          await ports.pace.sleep(everyMs);
        }
      })();
      return async () => {
        over.abort();
        await writing;
      };
    },
    rest,
  };
}

interface Writing extends OutputPorts {
  /** The script has ended: also a line without an end is one. */
  readonly isLast: boolean;
}

/** @returns whether anything was new */
async function writeNews(
  { command, invocation }: OutputOf,
  host: ManagedHost,
  { executor, access, store, log, pace, directoryOf, isLast, roleFile = "/etc/sandbox/instance-role" }: Writing,
): Promise<boolean> {
  const { stdout: outAt, stderr: errorAt } = invocation.written ?? { stdout: 0, stderr: 0 };
  const words = [directoryOf(host, command.commandId), String(outAt), String(errorAt), roleFile];
  const { stdout } = await executor.run(host, { program: news, words });
  const [key = "", token = "", ...texts] = stdout.split("\n");
  const [out, error] = [0, 1].map((n) => wholeLines(Buffer.from(texts[n] ?? "", "base64"), isLast));
  if (out === undefined || error === undefined || out.length + error.length === 0) return false;
  const holder = access.find(key, token === "" ? undefined : token);
  if (holder === undefined || holder === "expired") throw new Error("it has no role");
  const to = { group: command.logGroup ?? "", identity: holder.identity, region: command.region, access, store };
  const stream = `${command.commandId}/${invocation.instanceId}/${command.own === undefined ? "aws-runShellScript" : pluginOf(command)}`;
  const now = pace.now();
  for (const [name, bytes] of [
    ["stdout", out],
    ["stderr", error],
  ] as const)
    if (bytes.length > 0) await put(`${stream}/${name}`, { at: now, text: bytes.toString("utf8") }, to);
  await log.update(command.commandId, () => {
    invocation.written = { stdout: outAt + out.length, stderr: errorAt + error.length };
  });
  return true;
}

function wholeLines(bytes: Buffer, isLast: boolean): Buffer {
  const end = bytes.lastIndexOf("\n") + 1;
  // A line that is longer than that is cut.
  if (bytes.length === mostBytes) return end > 0 ? bytes.subarray(0, end) : bytes;
  return isLast ? bytes : bytes.subarray(0, end);
}

interface Place {
  readonly group: string;
  readonly identity: Identity;
  readonly region: string;
  readonly access: Pick<AccessControl, "require">;
  readonly store: LogStore;
}

/** Each step as IAM sees it. A text of many lines is one event. */
async function put(
  stream: string,
  { at, text }: { readonly at: number; readonly text: string },
  { group, identity, region, access, store }: Place,
): Promise<void> {
  const may = (operation: string, name?: string): void =>
    access.require(identity, [logAccess(operation, { group, stream: name }, { region, identity })]);
  // Of all of them, as far as IAM can see.
  access.require(identity, [logAccess("DescribeLogGroups", { group: undefined }, { region, identity })]);
  if (store.groups().every(({ name }) => name !== group)) {
    may("CreateLogGroup");
    await store.createGroup(group);
  }
  may("DescribeLogStreams");
  if (store.streams(group).every(({ name }) => name !== stream)) {
    may("CreateLogStream");
    await store.createStream(group, stream);
  }
  may("PutLogEvents", stream);
  const message = text.replace(/\n$/, "");
  if (message !== "") await store.append(group, stream, [{ timestamp: at, ingestedAt: at, message }]);
}

import { randomUUID } from "node:crypto";
import { type FakeHost, type Input, type Operation, page, Refusal } from "./ssm-protocol.ts";

/** The server's settings that commands look at. */
interface Settings {
  readonly hosts: ReadonlyMap<string, FakeHost>;
  readonly pageSize: number;
  readonly invisibleLooks: number;
  readonly now: () => number;
}

interface Invocation {
  readonly host: FakeHost;
  readonly kill: AbortController;
  details: string;
  exitCode: number;
  stdout: string;
  stderr: string;
}

interface Command {
  readonly id: string;
  readonly comment: string;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
  readonly script: string;
  /** Not begun by then, it never is. */
  readonly timeoutSeconds: number;
  readonly invocations: Invocation[];
  looks: number;
}

/** What the agent's status words are as the API's coarse ones. */
const coarse: Readonly<Record<string, string>> = {
  "In Progress": "InProgress",
  Undeliverable: "Failed",
  Terminated: "Failed",
};

/** Run Command and managed nodes. `sent` is for looking at in tests. */
export function commandOperations(ssm: Settings): {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly sent: readonly Command[];
} {
  const sent: Command[] = [];
  const find = (input: Input): Command | undefined => sent.find((one) => one.id === input["CommandId"]);
  return {
    sent,
    operations: {
      DescribeInstanceInformation: (input) => describe(ssm, input),
      SendCommand: (input) => start(ssm, sent, input),
      ListCommands: (input) => {
        const [{ value } = { value: "" }] = (input["Filters"] ?? []) as readonly { readonly value: string }[];
        const after = sent.filter(({ requestedAt }) => value === "" || requestedAt >= Date.parse(value));
        const { items, ...rest } = page(after.toReversed(), input, ssm.pageSize);
        return { Commands: items.map(counted), ...rest };
      },
      ListCommandInvocations: (input) => {
        const command = find(input);
        if (command === undefined) return { CommandInvocations: [] };
        command.looks += 1;
        if (command.looks <= ssm.invisibleLooks) return { CommandInvocations: [] };
        const { items, ...rest } = page(command.invocations, input, ssm.pageSize);
        const shown = items.map((one) => ({ ...view(command, one), CommandPlugins: plugins(one, input) }));
        return { CommandInvocations: shown, ...rest };
      },
      GetCommandInvocation: (input) => {
        const command = find(input);
        if (command === undefined) throw new Refusal("InvocationDoesNotExist");
        const one = command.invocations.find((each) => each.host.id === input["InstanceId"]);
        command.looks += 1;
        if (one === undefined || command.looks <= ssm.invisibleLooks) throw new Refusal("InvocationDoesNotExist");
        // Streams are empty until the script has ended, and keep their beginning when cut.
        return {
          ...view(command, one),
          ResponseCode: one.exitCode,
          StandardOutputContent: one.stdout.slice(0, 24_000),
          StandardErrorContent: one.stderr.slice(0, 8_000),
        };
      },
      CancelCommand: (input) => {
        const command = find(input);
        if (command === undefined) throw new Refusal("InvalidCommandId");
        for (const one of command.invocations)
          if (one.details === "In Progress") {
            one.details = "Cancelling";
            one.kill.abort();
          }
        return {};
      },
    },
  };
}

function view(command: Command, one: Invocation): Record<string, string> {
  const status = coarse[one.details] ?? one.details.replaceAll(" ", "");
  return { CommandId: command.id, InstanceId: one.host.id, Status: status, StatusDetails: one.details };
}

/** As far as it is known from counting: whoever could not be reached has ended, too. */
function counted({ id, comment, requestedAt, invocations }: Command): object {
  const ended = invocations.filter(({ details }) => !["Pending", "In Progress", "Cancelling"].includes(details));
  return {
    CommandId: id,
    Comment: comment,
    Status: "Success",
    RequestedDateTime: requestedAt / 1000,
    TargetCount: invocations.length,
    CompletedCount: ended.length,
    ErrorCount: ended.filter(({ details }) => ["Failed", "Execution Timed Out"].includes(details)).length,
  };
}

/** Both streams in 2,500 characters; nothing without Details. */
function plugins(one: Invocation, input: Input): readonly object[] {
  if (input["Details"] !== true) return [];
  const all = one.stderr === "" ? one.stdout : `${one.stdout}\n----------ERROR-------\n${one.stderr}`;
  return [{ Name: "aws:runShellScript", ResponseCode: one.exitCode, Output: all.slice(0, 2_500) }];
}

function describe(ssm: Settings, input: Input): unknown {
  const filters = (input["Filters"] ?? []) as readonly { readonly Key: string; readonly Values: readonly string[] }[];
  const matching = [...ssm.hosts.values()].filter((host) =>
    filters.every(({ Key, Values }) =>
      Values.includes(Key === "InstanceIds" ? host.id : (host.tags[Key.replace(/^tag:/, "")] ?? "")),
    ),
  );
  const { items, ...rest } = page(matching, input, ssm.pageSize);
  return {
    InstanceInformationList: items.map((host) => ({
      InstanceId: host.id,
      PingStatus: host.online === false ? "ConnectionLost" : "Online",
      AgentVersion: "3.3.0.0",
      ComputerName: host.name ?? host.id,
    })),
    ...rest,
  };
}

function start(ssm: Settings, sent: Command[], input: Input): unknown {
  const ids = input["InstanceIds"] as readonly string[];
  const comment = (input["Comment"] ?? "") as string;
  const parameters = input["Parameters"] as { readonly commands: readonly string[] };
  const hosts = ids.map((id) => ssm.hosts.get(id));
  if (hosts.includes(undefined)) throw new Refusal("InvalidInstanceId");
  if (
    ids.length > 50 ||
    new Set(ids).size < ids.length ||
    comment.length > 100 ||
    Number(input["TimeoutSeconds"] ?? 3600) < 30
  )
    throw new Refusal("ValidationException");
  if (JSON.stringify(parameters).length > 64_000) throw new Refusal("MaxDocumentSizeExceeded");
  const command: Command = {
    id: randomUUID(),
    comment,
    requestedAt: ssm.now(),
    script: parameters.commands.join("\n"),
    timeoutSeconds: Number(input["TimeoutSeconds"] ?? 3600),
    looks: 0,
    invocations: (hosts as FakeHost[]).map((host) => ({
      host,
      kill: new AbortController(),
      details: "In Progress",
      exitCode: -1,
      stdout: "",
      stderr: "",
    })),
  };
  sent.push(command);
  for (const one of command.invocations) void carryOut(command, one);
  return { Command: { ...counted(command), Status: "Pending" } };
}

async function carryOut(command: Command, one: Invocation): Promise<void> {
  if (one.host.online === false) {
    one.details = "Undeliverable";
    return;
  }
  const reply = await one.host.run(command.script, one.kill.signal);
  if (one.kill.signal.aborted) {
    one.details = "Cancelled";
    one.exitCode = 137;
    return;
  }
  one.exitCode = reply.exitCode ?? 0;
  one.stdout = reply.stdout ?? "";
  one.stderr = reply.stderr ?? "";
  one.details = reply.status ?? (one.exitCode === 0 ? "Success" : "Failed");
}

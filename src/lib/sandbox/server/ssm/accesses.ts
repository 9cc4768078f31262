import type { Access } from "../../../iam/evaluate.ts";
import type { AccessOf, Call } from "../protocol.ts";
import type { HostExecutor, ManagedHost } from "./hosts.ts";

type Input = Readonly<Record<string, unknown>>;

/** What requests of Run Command and Parameter Store do to which resources (service authorization reference, Systems Manager). */
export function ssmAccesses(executor: HostExecutor): Readonly<Record<string, AccessOf>> {
  return {
    GetParameter: onParameters("GetParameter", ({ Name }) => [Name]),
    GetParameters: onParameters("GetParameters", ({ Names }) => Names),
    // By the path alone: whoever may read a path may read all that is below it.
    GetParametersByPath: onParameters(
      "GetParametersByPath",
      ({ Path }) => [Path],
      ({ Recursive }) => ({
        "ssm:Recursive": String(Recursive === true),
      }),
    ),
    GetParameterHistory: onParameters("GetParameterHistory", ({ Name }) => [Name]),
    PutParameter: onParameters(
      "PutParameter",
      ({ Name }) => [Name],
      ({ Overwrite }) => ({
        "ssm:Overwrite": String(Overwrite === true),
      }),
    ),
    DeleteParameter: onParameters("DeleteParameter", ({ Name }) => [Name]),
    DeleteParameters: onParameters("DeleteParameters", ({ Names }) => Names),
    LabelParameterVersion: onParameters("LabelParameterVersion", ({ Name }) => [Name]),
    UnlabelParameterVersion: onParameters("UnlabelParameterVersion", ({ Name }) => [Name]),
    GetCalendarState: ({ CalendarNames }, { region, identity }) =>
      [CalendarNames].flat().map((name): Access => {
        const document = `arn:aws:ssm:${region}:${identity.account}:document/${String(name)}`;
        const resource = String(name).startsWith("arn:") ? String(name) : document;
        return { action: "ssm:GetCalendarState", resource, context: {} };
      }),
    CreateDocument: onDocument("CreateDocument"),
    UpdateDocument: onDocument("UpdateDocument"),
    DescribeDocument: onDocument("DescribeDocument"),
    GetDocument: onDocument("GetDocument"),
    DeleteDocument: onDocument("DeleteDocument"),
    UpdateDocumentDefaultVersion: onDocument("UpdateDocumentDefaultVersion"),
    SendCommand: async (input, call) => sendCommand(input, call, await executor.hosts()),
  };
}

function onParameters(
  operation: string,
  names: (input: Input) => unknown,
  context: (input: Input) => Record<string, string> = () => ({}),
): AccessOf {
  return (input, { region, identity }) =>
    [names(input)].flat().map((name): Access => {
      // A name is asked for with a version or a label behind it, or as an ARN; without a slash it is one level deep.
      const bare = String(name)
        .replace(/^arn:aws:ssm:[^/]*:parameter/, "")
        .replace(/:[^/]*$/, "");
      const path = bare.startsWith("/") ? bare : `/${bare}`;
      return {
        action: `ssm:${operation}`,
        resource: `arn:aws:ssm:${region}:${identity.account}:parameter${path}`,
        context: context(input),
      };
    });
}

function onDocument(operation: string): AccessOf {
  return ({ Name }, call) => [{ action: `ssm:${operation}`, resource: documentArn(Name, call), context: {} }];
}

/** Those of AWS itself have no account. */
function documentArn(named: unknown, { region, identity }: Call): string {
  const name = String(named).replace(/^arn:.*:document\//, "");
  return `arn:aws:ssm:${region}:${name.startsWith("AWS-") ? "" : identity.account}:document/${name}`;
}

/** The document, and each instance with its tags. Whether it is registered is another question. */
function sendCommand(input: Input, call: Call, hosts: readonly ManagedHost[]): readonly Access[] {
  const { region, identity } = call;
  const action = "ssm:SendCommand";
  const document = { action, resource: documentArn(input["DocumentName"], call), context: {} };
  const chosen = idsOf(input, hosts).map((id): Access => {
    const tags = Object.entries(hosts.find(({ instanceId }) => instanceId === id)?.tags ?? {});
    return {
      action,
      resource: `arn:aws:ec2:${region}:${identity.account}:instance/${id}`,
      context: Object.fromEntries(tags.map(([key, value]) => [`ssm:resourceTag/${key}`, value])),
    };
  });
  return [document, ...chosen];
}

/** With targets IAM sees the instances that they match, and refuses where one of them is not allowed. */
function idsOf({ InstanceIds, Targets }: Input, hosts: readonly ManagedHost[]): readonly string[] {
  if (Array.isArray(InstanceIds) && InstanceIds.length > 0) return InstanceIds.map(String);
  const targets = (Array.isArray(Targets) ? Targets : []) as readonly { Key?: string; Values?: readonly string[] }[];
  return hosts
    .filter((host) =>
      targets.every(({ Key = "", Values = [] }) =>
        Values.includes((Key === "InstanceIds" ? host.instanceId : host.tags[Key.slice("tag:".length)]) ?? "\0"),
      ),
    )
    .map(({ instanceId }) => instanceId);
}

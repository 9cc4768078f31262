import { secretOf } from "../config/secret-of.ts";
import { documented, documentName } from "../script/document-name.ts";
import type { Permission } from "./document.ts";
import { readLog } from "./log-permissions.ts";
import { arnsOf, type IamEnvironment, type IamSubject, partitionOf } from "./subject.ts";

/** What takes orders for hosts of an environment. */
type Hosts = NonNullable<IamEnvironment["hosts"]>;

/**
 * SendCommand is judged by the document and by each instance, and only an instance has a tag: two statements (Systems Manager
 * user guide, "Restricting Run Command access based on tags"). The reads know no resources.
 */
export function runOnHosts(
  subject: IamSubject,
  environment: string,
  { tag, value, documents, logGroup }: Hosts,
): Permission[] {
  const { instances } = arnsOf(subject);
  return [
    ...(documents ? sendOrders(subject, environment) : [sendScripts(subject)]),
    {
      sid: "SendToHosts",
      actions: { "ssm:SendCommand": `to hosts with the tag ${tag}=${value} alone` },
      resources: [instances()],
      condition: { StringEquals: { [`ssm:resourceTag/${tag}`]: value } },
    },
    {
      sid: "FollowScripts",
      actions: {
        "ssm:DescribeInstanceInformation": "finds the hosts by their tag, and whether they are online",
        "ssm:ListCommandInvocations": "waits for the hosts, all in one call",
        "ssm:GetCommandInvocation": "reads what a host has said to its end",
        "ssm:ListCommands": "finds a command whose reply was lost, instead of sending it twice",
        "ssm:CancelCommand": "ends a script that is told to end: the second Ctrl-C, and what outlives its time",
      },
      resources: ["*"],
    },
    ...readLog(subject, [logGroup]),
  ];
}

/** Whoever may send this document may run anything as root. */
function sendScripts(subject: IamSubject): Permission {
  return {
    sid: "SendScript",
    actions: { "ssm:SendCommand": "hands the host's script to the SSM agent" },
    resources: [arnsOf(subject).document("AWS-RunShellScript")],
  };
}

/** Documents of our own have the script in them, and take what it is told as typed parameters. */
function sendOrders(subject: IamSubject, environment: string): readonly Permission[] {
  const arn = (script: (typeof documented)[number]): string =>
    arnsOf(subject).document(documentName(subject.app, environment, script));
  return [
    {
      sid: "SendOrders",
      actions: { "ssm:SendCommand": "gives orders by the environment's own documents, which take no script" },
      resources: documented.filter((script) => script !== "exec").map(arn),
    },
    {
      sid: "SendExec",
      actions: { "ssm:SendCommand": "runs a command in a container: without this statement nobody does" },
      resources: [arn("exec")],
    },
    readDocuments(subject, [environment]),
  ];
}

/** That documents are what this release of threads makes of threads.yml. */
export function readDocuments(subject: IamSubject, environments: readonly string[]): Permission {
  const { document } = arnsOf(subject);
  return {
    sid: "ReadDocuments",
    actions: {
      "ssm:DescribeDocument": "finds the version that this release of threads has made, and its hash",
      "ssm:GetDocument": "compares what is in it, where its hash tells nothing",
    },
    resources: environments.flatMap((name) =>
      documented.map((script) => document(documentName(subject.app, name, script))),
    ),
  };
}

/** What doctor asks of SSM. */
export function lookAtHosts(): Permission {
  return {
    sid: "LookAtHosts",
    actions: {
      "ssm:DescribeInstanceInformation": "tells which hosts are registered and online",
      "ssm:DescribeParameters": "counts the account's parameters, of which there may be 10,000",
    },
    resources: ["*"],
  };
}

/** Who wrote an approval, or a policy: Parameter Store tells it of all parameters or of none, and of none what is in it. */
export function askWriters(why = "tells who wrote an approval or a policy, whatever is written in it"): Permission {
  return {
    sid: "AskWriters",
    actions: { "ssm:DescribeParameters": why },
    resources: ["*"],
  };
}

/** What a gate `window` with calendars is judged by. A calendar is a document (service authorization reference, Systems Manager). */
export function askCalendars(subject: IamSubject, calendars: readonly string[]): readonly Permission[] {
  if (calendars.length === 0) return [];
  const { document } = arnsOf(subject);
  const resources = [...new Set(calendars.map(document))];
  const actions = { "ssm:GetCalendarState": "judges the gate window: whether its calendars are open" };
  return [{ sid: "AskCalendars", actions, resources }];
}

/** What the SSM agent itself needs: AmazonSSMManagedInstanceCore without the right to read every parameter. */
export function beManaged(): Permission {
  const agent = "the SSM agent";
  return {
    sid: "BeManaged",
    actions: {
      "ssm:UpdateInstanceInformation": `${agent}: tells that it is there`,
      "ssm:ListInstanceAssociations": agent,
      "ssm:ListAssociations": agent,
      "ssm:UpdateInstanceAssociationStatus": agent,
      "ssm:UpdateAssociationStatus": agent,
      "ssm:DescribeAssociation": agent,
      "ssm:GetDocument": `${agent}: the script's document`,
      "ssm:DescribeDocument": agent,
      "ssmmessages:CreateControlChannel": `${agent}: takes commands`,
      "ssmmessages:CreateDataChannel": agent,
      "ssmmessages:OpenControlChannel": `${agent}: takes commands`,
      "ssmmessages:OpenDataChannel": agent,
      "ec2messages:AcknowledgeMessage": `${agent}: takes commands, in older regions`,
      "ec2messages:DeleteMessage": agent,
      "ec2messages:FailMessage": agent,
      "ec2messages:GetEndpoint": agent,
      "ec2messages:GetMessages": `${agent}: takes commands, in older regions`,
      "ec2messages:SendReply": `${agent}: answers`,
    },
    resources: ["*"],
  };
}

/** The application's environment, from where the environment's hosts make it (`env_from`). */
export function readEnvironment(
  subject: IamSubject,
  envFrom: string | undefined,
  why = "makes the application's environment file",
): readonly Permission[] {
  if (envFrom === undefined) return [];
  const { parameter, secret } = arnsOf(subject);
  const { region } = subject;
  const suffix = partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  const name = secretOf(envFrom);
  const path = envFrom.replace(/\/$/, "");
  const isSecret = name !== undefined;
  return [
    isSecret
      ? {
          sid: "ReadEnvironment",
          actions: { "secretsmanager:GetSecretValue": why },
          resources: [secret(name)],
        }
      : {
          sid: "ReadEnvironment",
          actions: { "ssm:GetParametersByPath": why },
          resources: [parameter(path), parameter(`${path}/`), parameter(`${path}/*`)],
        },
    {
      sid: "DecryptEnvironment",
      actions: { "kms:Decrypt": "of a SecureString, or of a secret with a key of your own: name that key here" },
      resources: ["*"],
      condition: {
        StringEquals: { "kms:ViaService": `${isSecret ? "secretsmanager" : "ssm"}.${region}.${suffix}` },
      },
    },
  ];
}

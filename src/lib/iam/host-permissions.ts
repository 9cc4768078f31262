import type { Permission } from "./document.ts";
import { arnsOf, type IamEnvironment, type IamSubject, partitionOf } from "./subject.ts";

const script = "AWS-RunShellScript";

/**
 * SendCommand is judged by the document and by each instance, and only an instance has a tag: two statements (Systems Manager
 * user guide, "Restricting Run Command access based on tags"). The reads know no resources.
 */
export function runOnHosts(subject: IamSubject, { tag, value }: NonNullable<IamEnvironment["hosts"]>): Permission[] {
  const { document, instances } = arnsOf(subject);
  return [
    {
      sid: "SendScript",
      actions: { "ssm:SendCommand": "hands the host's script to the SSM agent" },
      resources: [document(script)],
    },
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
  ];
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
export function askWriters(): Permission {
  return {
    sid: "AskWriters",
    actions: { "ssm:DescribeParameters": "tells who wrote an approval or a policy, whatever is written in it" },
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
export function readEnvironment(subject: IamSubject, envFrom: string | undefined): readonly Permission[] {
  if (envFrom === undefined) return [];
  const { parameter, secret } = arnsOf(subject);
  const { region } = subject;
  const suffix = partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  const [, name] = /^secretsmanager:(.*)$/s.exec(envFrom) ?? [];
  const path = envFrom.replace(/\/$/, "");
  const isSecret = name !== undefined;
  return [
    isSecret
      ? {
          sid: "ReadEnvironment",
          actions: { "secretsmanager:GetSecretValue": "makes the application's environment file" },
          resources: [secret(name)],
        }
      : {
          sid: "ReadEnvironment",
          actions: { "ssm:GetParametersByPath": "makes the application's environment file" },
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

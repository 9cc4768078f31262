import type { Permission } from "./document.ts";
import { arnsOf, type IamSubject } from "./subject.ts";

/** What the SSM agent needs to write what scripts print (user guide, "Configuring CloudWatch Logs for Run Command"). */
export function writeLog(subject: IamSubject, logGroup: string | undefined): readonly Permission[] {
  if (logGroup === undefined) return [];
  return [
    {
      sid: "WriteLog",
      actions: {
        "logs:CreateLogGroup": "the SSM agent: makes the log group, where it is not there",
        "logs:DescribeLogStreams": "the SSM agent",
        "logs:CreateLogStream": "the SSM agent: one for each command",
        "logs:PutLogEvents": "the SSM agent: writes the log of a deployment while it goes on",
      },
      resources: arnsOf(subject).logGroup(logGroup),
    },
    {
      sid: "FindLogGroup",
      actions: { "logs:DescribeLogGroups": "the SSM agent: whether the log group is there" },
      resources: ["*"],
    },
  ];
}

/** What hosts have written of their deployments, for whoever reads it. */
export function readLog(
  subject: IamSubject,
  logGroups: readonly (string | undefined)[],
  why = "reads the log of a deployment that its hosts have written",
): readonly Permission[] {
  const named = [...new Set(logGroups.filter((name) => name !== undefined))];
  if (named.length === 0) return [];
  return [
    {
      sid: "ReadLog",
      actions: { "logs:FilterLogEvents": why },
      resources: named.flatMap(arnsOf(subject).logGroup),
    },
  ];
}

/** What doctor asks of it. */
export function lookAtLog(subject: IamSubject, logGroups: readonly (string | undefined)[]): readonly Permission[] {
  const reads = readLog(subject, logGroups);
  if (reads.length === 0) return [];
  return [
    ...reads,
    {
      sid: "LookAtLog",
      actions: { "ssm:ListCommands": "finds the commands that should have written into the log group" },
      resources: ["*"],
    },
  ];
}

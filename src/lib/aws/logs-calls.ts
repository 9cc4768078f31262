import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { AwsClients } from "./clients.ts";
import type * as logsSdk from "./logs-sdk.ts";
import { type AwsCall, awsCalls, type CallPorts } from "./patient-calls.ts";

export type LogsCall = AwsCall<CloudWatchLogsClient, typeof logsSdk>;

/** The caller of CloudWatch Logs. */
export function logsCalls(ports: CallPorts & { readonly aws: Pick<AwsClients, "logs"> }): LogsCall {
  return awsCalls({ client: () => ports.aws.logs(), sdk: () => import("./logs-sdk.ts") }, ports);
}

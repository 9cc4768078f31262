import type { SSMClient } from "@aws-sdk/client-ssm";
import { type AwsCall, awsCalls, type CallPorts } from "./patient-calls.ts";
import type { AwsClients } from "./clients.ts";
import type * as ssmSdk from "./ssm-sdk.ts";

export type SsmCall = AwsCall<SSMClient, typeof ssmSdk>;

/** The caller of SSM, for hosts and for Parameter Store. */
export function ssmCalls(ports: CallPorts & { readonly aws: Pick<AwsClients, "ssm"> }): SsmCall {
  return awsCalls({ client: () => ports.aws.ssm(), sdk: () => import("./ssm-sdk.ts") }, ports);
}

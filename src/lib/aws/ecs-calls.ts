import type { ECSClient } from "@aws-sdk/client-ecs";
import type { AwsClients } from "./clients.ts";
import type * as ecsSdk from "./ecs-sdk.ts";
import { type AwsCall, awsCalls, type CallPorts } from "./patient-calls.ts";

export type EcsCall = AwsCall<ECSClient, typeof ecsSdk>;

/** The caller of ECS. */
export function ecsCalls(ports: CallPorts & { readonly aws: Pick<AwsClients, "ecs"> }): EcsCall {
  return awsCalls({ client: () => ports.aws.ecs(), sdk: () => import("./ecs-sdk.ts") }, ports);
}

import type { CallPorts } from "../aws/patient-calls.ts";
import type { AwsClients } from "../aws/clients.ts";

/** What hosts are reached with. The signal ends every call, also one that sends or cancels. */
export interface SsmPorts extends CallPorts {
  readonly aws: Pick<AwsClients, "ssm" | "ssmOnce" | "contact">;
}

import type { ECRClient } from "@aws-sdk/client-ecr";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import { once } from "./once.ts";

/** The SDK's clients, each loaded and made on first use: importing one costs 0.1–0.15 s. */
export interface AwsClients {
  readonly region: string;
  ecr(): Promise<ECRClient>;
  ssm(): Promise<SSMClient>;
  /** For SendCommand alone, which has no idempotency token: a retried lost reply would be a second deploy. */
  ssmOnce(): Promise<SSMClient>;
  sts(): Promise<STSClient>;
}

/** The SDK has no time-outs of its own (its default request time-out is 0 = none). */
const requestHandler = { connectionTimeout: 5_000, requestTimeout: 30_000 };
const retried = 5;

/** @param settings region; endpoint and credentials come from the SDK's own chain (`AWS_ENDPOINT_URL`, profile, role …). */
export function awsClients(settings: { readonly region: string }): AwsClients {
  const common = { region: settings.region, requestHandler, maxAttempts: retried };
  return {
    region: settings.region,
    ecr: once(async () => new (await import("@aws-sdk/client-ecr")).ECRClient(common)),
    ssm: once(async () => new (await import("@aws-sdk/client-ssm")).SSMClient(common)),
    ssmOnce: once(async () => new (await import("@aws-sdk/client-ssm")).SSMClient({ ...common, maxAttempts: 1 })),
    sts: once(async () => new (await import("@aws-sdk/client-sts")).STSClient(common)),
  };
}

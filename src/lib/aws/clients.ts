import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { ECRClient } from "@aws-sdk/client-ecr";
import type { ECSClient } from "@aws-sdk/client-ecs";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import { type AwsContact, openContact } from "./contact.ts";
import type { EarlySockets } from "./early/sockets.ts";
import { once } from "./once.ts";

/** The SDK's clients, each loaded and made on first use: importing one costs 0.1–0.15 s. */
export interface AwsClients {
  readonly region: string;
  /** The profile whose credentials are taken; undefined where none was named. */
  readonly profile?: string | undefined;
  /** Made anew by each caller where there is none. */
  readonly contact?: AwsContact;
  /** Whether requests have left: with the first ones, or at the end, where there were none. Unknown where nothing opens connections early. */
  readonly left?: Promise<boolean> | undefined;
  ecr(): Promise<ECRClient>;
  ssm(): Promise<SSMClient>;
  /** For SendCommand alone, which has no idempotency token: a retried lost reply would be a second deploy. */
  ssmOnce(): Promise<SSMClient>;
  sts(): Promise<STSClient>;
  logs(): Promise<CloudWatchLogsClient>;
  ecs(): Promise<ECSClient>;
  secrets(): Promise<SecretsManagerClient>;
}

/**
 * The SDK has no time-outs of its own. Its `requestTimeout` is but a warning (NodeHttpHandlerOptions), and would end a slow
 * upload; silence is what counts.
 */
const timeouts = { connectionTimeout: 5_000, socketTimeout: 30_000 };
const retried = 5;

interface Settings {
  readonly region: string;
  readonly profile?: string | undefined;
  /** Another AWS than the one that the environment means, and its key: a sandbox of one's own beside it. */
  readonly elsewhere?: Elsewhere;
  /** Connections to use before new ones are opened. */
  readonly early?: EarlySockets;
  /** Says to a person that a command waits for AWS. */
  readonly note?: (text: string) => void;
}

interface Elsewhere {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Endpoint and credentials come from the SDK's own chain (`AWS_ENDPOINT_URL`, profile, role …), unless it is told others. */
export function awsClients({ region, profile, elsewhere, early, note }: Settings): AwsClients {
  const common = once(async () => {
    const agents = early === undefined ? {} : (await import("./early/agents.ts")).agentsTaking(early);
    return { region, ...elsewhere, requestHandler: { ...timeouts, ...agents }, maxAttempts: retried };
  });
  // Each of the imports blocks for 5–20 ms: in between, the connections and what is asked already get on.
  const inTurn = <T>(make: () => Promise<T>): (() => Promise<T>) =>
    once(async () => {
      await early?.proceed();
      return make();
    });
  return {
    region,
    profile,
    contact: openContact(note),
    left: early?.left,
    ecr: inTurn(async () => new (await import("./ecr-sdk.ts")).ECRClient(await common())),
    ssm: inTurn(async () => new (await import("./ssm-sdk.ts")).SSMClient(await common())),
    // Never on an early connection: one that the server has just closed would cost the only attempt.
    ssmOnce: once(
      async () =>
        new (await import("./ssm-sdk.ts")).SSMClient({
          region,
          ...elsewhere,
          requestHandler: timeouts,
          maxAttempts: 1,
        }),
    ),
    sts: inTurn(async () => new (await import("./sts-sdk.ts")).STSClient(await common())),
    logs: inTurn(async () => new (await import("./logs-sdk.ts")).CloudWatchLogsClient(await common())),
    ecs: inTurn(async () => new (await import("./ecs-sdk.ts")).ECSClient(await common())),
    secrets: inTurn(async () => new (await import("./secrets-sdk.ts")).SecretsManagerClient(await common())),
  };
}

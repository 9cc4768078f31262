import type { Config } from "../config/config.ts";
import type { Next } from "../errors/next.ts";
import { isHealthy } from "./health.ts";
import { knownState, notUp } from "./sandbox.ts";
import type { Credentials } from "./server/sigv4.ts";
import type { SandboxState } from "./state.ts";

export interface SandboxEnvironment extends Next {
  readonly outcome: "up";
  /** To set. */
  readonly variables: Readonly<Record<string, string>>;
  /** To remove, because each of them outranks one of the variables and could lead to a real account. */
  readonly unset: readonly string[];
}

/**
 * A profile and per-service endpoints win over AWS_ENDPOINT_URL and keys from the environment (AWS SDK reference guide,
 * "Service-specific endpoints", "Credential provider chain"); a session token of another account spoils the signature.
 */
export const outranking = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_ROLE_ARN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
  "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
  "AWS_ENDPOINT_URL_ECR",
  "AWS_ENDPOINT_URL_ECS",
  "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  "AWS_ENDPOINT_URL_SSM",
  "AWS_ENDPOINT_URL_STS",
];

/** What a shell needs so that every tool for AWS talks to the sandbox. @param key another one than the sandbox's own */
export function environmentOf(
  state: SandboxState,
  app: string,
  key: Pick<Credentials, "accessKeyId" | "secretAccessKey" | "sessionToken"> = state,
): SandboxEnvironment {
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  return {
    outcome: "up",
    variables: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${state.port}`,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
      AWS_REGION: state.region,
      AWS_DEFAULT_REGION: state.region,
      AWS_EC2_METADATA_DISABLED: "true",
      // With the slash at its end, which leaves no doubt and so costs no call.
      ECR_REPO: `127.0.0.1:${state.port}/${app}/`,
    },
    unset: sessionToken === undefined ? outranking : outranking.filter((name) => name !== "AWS_SESSION_TOKEN"),
    next: [],
    advice: [],
  };
}

/** Who works in the sandbox. */
interface Worker {
  /** Undefined: the sandbox's own user, who may do everything. */
  readonly role: string | undefined;
  readonly user: string;
  /** Milliseconds. */
  readonly now: number;
}

/** The environment of a sandbox that answers. @throws ThreadsError refused, where it does not; USAGE for a role that is not there */
export async function runningEnvironment(config: Config, worker?: Worker): Promise<SandboxEnvironment> {
  const state = knownState(config.root);
  if (!(await isHealthy(state.port))) throw notUp("the sandbox of this checkout is not up");
  if (worker?.role === undefined) return environmentOf(state, config.app);
  const { roleCredentials } = await import("./roles.ts");
  return environmentOf(state, config.app, roleCredentials(worker.role, { ...worker, config, state }));
}

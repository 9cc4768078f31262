import type { Config } from "../config/config.ts";
import type { Next } from "../errors/next.ts";
import { isHealthy } from "./health.ts";
import { knownState, notUp } from "./sandbox.ts";
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
  "AWS_ENDPOINT_URL_ECR",
  "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  "AWS_ENDPOINT_URL_SSM",
  "AWS_ENDPOINT_URL_STS",
];

/** What a shell needs so that every tool for AWS talks to the sandbox. */
export function environmentOf(state: SandboxState, app: string): SandboxEnvironment {
  return {
    outcome: "up",
    variables: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${state.port}`,
      AWS_ACCESS_KEY_ID: state.accessKeyId,
      AWS_SECRET_ACCESS_KEY: state.secretAccessKey,
      AWS_REGION: state.region,
      AWS_DEFAULT_REGION: state.region,
      AWS_EC2_METADATA_DISABLED: "true",
      // With the slash at its end, which leaves no doubt and so costs no call.
      ECR_REPO: `127.0.0.1:${state.port}/${app}/`,
    },
    unset: outranking,
    next: [],
    advice: [],
  };
}

/** The environment of a sandbox that answers. @throws ThreadsError refused, where it does not */
export async function runningEnvironment(config: Config): Promise<SandboxEnvironment> {
  const state = knownState(config.root);
  if (!(await isHealthy(state.port))) throw notUp("the sandbox of this checkout is not up");
  return environmentOf(state, config.app);
}

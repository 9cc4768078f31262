import { ThreadsError } from "../errors/threads-error.ts";
import type { AwsClients } from "./clients.ts";
import { awsFailure } from "./failure.ts";

/** Who the credentials belong to. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** Where the credentials are expected to lead: what ECR_REPO and threads.yml say. */
export interface ExpectedAccount {
  /** Owner of the registry. */
  readonly account: string;
  /** Region of the registry; undefined where any will do (the sandbox). */
  readonly region: string | undefined;
  /** `account` of threads.yml; undefined where it has none, or where it does not apply (the sandbox). */
  readonly configured: string | undefined;
}

/**
 * Compares credentials, region, ECR_REPO and threads.yml, before anything is written. PutImage's registryId alone would
 * not do: an own repository of the same name in the wrong account would take the push.
 * @throws ThreadsError WRONG_ACCOUNT or WRONG_REGION (exit 3).
 */
export async function checkAccount(
  aws: Pick<AwsClients, "region" | "sts">,
  expected: ExpectedAccount,
  identify: () => Promise<Identity> = () => callerIdentity(aws),
): Promise<Identity> {
  if (expected.configured !== undefined && expected.configured !== expected.account)
    throw wrong(
      "WRONG_ACCOUNT",
      `ECR_REPO belongs to account ${expected.account}, but threads.yml says ${expected.configured}`,
      ["correct ECR_REPO, or account in threads.yml"],
    );
  if (expected.region !== undefined && expected.region !== aws.region)
    throw wrong("WRONG_REGION", `ECR_REPO is in ${expected.region}, but the AWS region is ${aws.region}`, [
      `export AWS_REGION=${expected.region}`,
      "correct ECR_REPO, or region in threads.yml",
    ]);
  const identity = await identify();
  if (identity.account === expected.account) return identity;
  throw wrong(
    "WRONG_ACCOUNT",
    `ECR_REPO belongs to account ${expected.account}, but the credentials are those of ${identity.arn || identity.account}`,
    expected.region === undefined
      ? ['eval "$(threads sandbox env)"']
      : ["aws sts get-caller-identity", "export AWS_PROFILE=… of the right account"],
  );
}

/** Who the credentials belong to, as STS tells it. @throws ThreadsError NO_CREDENTIALS, CREDENTIALS_EXPIRED … */
export async function callerIdentity(aws: Pick<AwsClients, "sts">): Promise<Identity> {
  try {
    const { GetCallerIdentityCommand } = await import("./sts-sdk.ts");
    const reply = await (await aws.sts()).send(new GetCallerIdentityCommand({}));
    return { account: reply.Account ?? "", arn: reply.Arn ?? "" };
  } catch (error) {
    throw awsFailure(error, "asking STS who the credentials belong to");
  }
}

function wrong(code: "WRONG_ACCOUNT" | "WRONG_REGION", message: string, next: string[]): ThreadsError {
  return new ThreadsError(code, { message, next });
}

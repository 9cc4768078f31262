import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { awsCalls, type CallPorts } from "./patient-calls.ts";
import type { AwsClients } from "./clients.ts";

/** Who the credentials belong to. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** Asks for it. @param patience how long it is tried again, where the caller has less time than others */
export type Identify = (patience?: Patience) => Promise<Identity>;

interface Patience {
  readonly patienceMs: number;
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
  expected: ExpectedAccount,
  { region, identify }: { readonly region: string; readonly identify: () => Promise<Identity> },
): Promise<Identity> {
  if (expected.configured !== undefined && expected.configured !== expected.account)
    throw wrong(
      "WRONG_ACCOUNT",
      `ECR_REPO belongs to account ${expected.account}, but threads.yml says ${expected.configured}`,
      { advice: ["correct ECR_REPO, or account in threads.yml"] },
    );
  if (expected.region !== undefined && expected.region !== region)
    throw wrong("WRONG_REGION", `ECR_REPO is in ${expected.region}, but the AWS region is ${region}`, {
      next: [`export AWS_REGION=${expected.region}`],
      advice: ["or correct ECR_REPO, or region in threads.yml"],
    });
  const identity = await identify();
  if (identity.account === expected.account) return identity;
  throw wrong(
    "WRONG_ACCOUNT",
    `ECR_REPO belongs to account ${expected.account}, but the credentials are those of ${identity.arn || identity.account}`,
    expected.region === undefined
      ? { next: ['eval "$(threads sandbox env)"'] }
      : { next: ["aws sts get-caller-identity"], advice: ["set AWS_PROFILE to a profile of the right account"] },
  );
}

/** Who the credentials belong to, as STS tells it. @throws ThreadsError NO_CREDENTIALS, CREDENTIALS_EXPIRED … */
export async function callerIdentity(
  ports: CallPorts & { readonly aws: Pick<AwsClients, "sts"> },
  patience?: Patience,
): Promise<Identity> {
  const call = awsCalls({ client: () => ports.aws.sts(), sdk: () => import("./sts-sdk.ts") }, ports);
  const { Account = "", Arn = "" } = await call({
    ...patience,
    doing: "asking STS who the credentials belong to",
    send: (client, sdk, options) => client.send(new sdk.GetCallerIdentityCommand({}), options),
  });
  return { account: Account, arn: Arn };
}

function wrong(code: "WRONG_ACCOUNT" | "WRONG_REGION", message: string, way: Partial<Next>): ThreadsError {
  return new ThreadsError(code, { message, ...way });
}

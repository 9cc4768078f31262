import type * as ecrSdk from "../../aws/ecr-sdk.ts";
import type { ECRClient } from "@aws-sdk/client-ecr";
import { awsFailure } from "../../aws/failure.ts";
import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import { until } from "../../clock/until.ts";
import type { SettledCode } from "../../errors/codes.ts";
import { ThreadsError } from "../../errors/threads-error.ts";

type Sdk = typeof ecrSdk;

/** One request to ECR: how to make it, how to name it in a failure, and which failures have an answer. */
interface EcrRequest<T> {
  /** Completes "AWS denies access while …". */
  readonly doing: string;
  readonly repository?: string;
  send(client: ECRClient, sdk: Sdk, options: { abortSignal?: AbortSignal }): Promise<T>;
  /** By the exception's name: failures that mean something here. */
  readonly answers?: Readonly<Record<string, (error: Error) => T>>;
}

export type EcrCall = <T>(request: EcrRequest<T>) => Promise<T>;

/** How ECR is reached: what every call of this room is given. */
export interface EcrConnection {
  readonly call: EcrCall;
  /** Sent with every call: ECR's default is the caller's own account, whatever ECR_REPO says. */
  readonly registryId: string;
}

/** After the SDK's own five attempts: how long a throttled call is tried again before the command gives up. */
const patienceMs = 60_000;
const pauseMs = 1_000;

/** Sends requests to ECR: patient when throttled, at once silent when aborted, and with failures in words. */
export function ecrCalls(ports: {
  readonly aws: Pick<AwsClients, "ecr">;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** How ECR_REPO was read: told where a repository is not found. */
  readonly understood?: string;
}): EcrCall {
  const { aws, clock, signal, understood } = ports;
  const options = signal === undefined ? {} : { abortSignal: signal };
  return async <T>(request: EcrRequest<T>): Promise<T> => {
    let throttled: ThreadsError | undefined;
    const attempt = async (): Promise<{ value: T } | undefined> => {
      try {
        const [client, sdk] = await Promise.all([aws.ecr(), import("../../aws/ecr-sdk.ts")]);
        return { value: await request.send(client, sdk, options) };
      } catch (error) {
        signal?.throwIfAborted();
        const answer = request.answers?.[(error as Error).name];
        if (answer !== undefined) return { value: answer(error as Error) };
        throttled = inWords(error as Error, { ...request, understood });
        if (throttled.code !== "THROTTLED") throw throttled;
        return undefined;
      }
    };
    const patience = { clock, timeoutMs: patienceMs, pauseMs, ...(signal === undefined ? {} : { signal }) };
    const reply = await until(attempt, patience);
    if (reply === undefined) throw throttled;
    return reply.value;
  };
}

interface Attempted {
  readonly doing: string;
  readonly repository?: string;
  readonly understood: string | undefined;
}

function inWords(error: Error, { doing, repository = "", understood }: Attempted): ThreadsError {
  const refused = (code: SettledCode, message: string, next: string[], details: string[] = []): ThreadsError =>
    new ThreadsError(code, { message, next, details, cause: error });
  switch (error.name) {
    case "RepositoryNotFoundException":
      return refused(
        "REPOSITORY_NOT_FOUND",
        `there is no repository ${repository} in the registry`,
        [
          `aws ecr create-repository --repository-name ${repository} --image-tag-mutability IMMUTABLE`,
          "threads sandbox up",
        ],
        understood === undefined ? [] : [understood],
      );
    case "KmsException":
      return refused("KMS_KEY", `the key that encrypts ${repository} cannot be used: ${error.message}`, [
        `aws ecr describe-repositories --repository-names ${repository}`,
      ]);
    case "LimitExceededException":
      return refused("ECR_LIMIT", `ECR's quota is used up while ${doing}: ${error.message}`, [
        "aws service-quotas list-service-quotas --service-code ecr",
      ]);
    default:
      return awsFailure(error, doing);
  }
}

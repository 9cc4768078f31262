import type { ECRClient } from "@aws-sdk/client-ecr";
import { type AwsRequest, awsCalls, type CallPorts } from "../../aws/patient-calls.ts";
import type { AwsClients } from "../../aws/clients.ts";
import type * as ecrSdk from "../../aws/ecr-sdk.ts";
import type { SettledCode } from "../../errors/codes.ts";
import { ThreadsError } from "../../errors/threads-error.ts";

/** A request to ECR, which may be about one repository. */
interface EcrRequest<T> extends Omit<AwsRequest<ECRClient, typeof ecrSdk, T>, "words"> {
  readonly repository?: string;
}

export type EcrCall = <T>(request: EcrRequest<T>) => Promise<T>;

/** How ECR is reached: what every call of this room is given. */
export interface EcrConnection {
  readonly call: EcrCall;
  /** Sent with every call: ECR's default is the caller's own account, whatever ECR_REPO says. */
  readonly registryId: string;
}

interface EcrPorts extends CallPorts {
  readonly aws: Pick<AwsClients, "ecr" | "contact">;
  /** How ECR_REPO was read: told where a repository is not found. */
  readonly explanation?: string;
}

/** The caller of ECR, which has words of its own for what only ECR refuses. */
export function ecrCalls(ports: EcrPorts): EcrCall {
  const { aws, explanation } = ports;
  const call = awsCalls({ client: () => aws.ecr(), sdk: () => import("../../aws/ecr-sdk.ts") }, ports);
  return (request) => call({ ...request, words: (error) => inWords(error, { ...request, explanation }) });
}

interface Attempted {
  readonly doing: string;
  readonly repository?: string;
  readonly explanation: string | undefined;
}

function inWords(error: Error, { doing, repository = "", explanation }: Attempted): ThreadsError | undefined {
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
        explanation === undefined ? [] : [explanation],
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
      return undefined;
  }
}

import { type Operation, ServiceError } from "../protocol.ts";
import { lookUp } from "./image-ids.ts";
import { type EcrParts, findRepository, read } from "./parts.ts";

/** What this registry never has, answered as ECR answers for a repository without it: no scans, no lifecycle policy. */
export function absent(parts: EcrParts): Readonly<Record<string, Operation>> {
  return {
    DescribeImageScanFindings: (input) => {
      const repository = findRepository(parts, input);
      const id = read.optionalRecord(input, "imageId") ?? {};
      const digest = read.optionalString(id, "imageDigest");
      const tag = read.optionalString(id, "imageTag");
      const found = lookUp(repository, {
        ...(digest === undefined ? {} : { imageDigest: digest }),
        ...(tag === undefined ? {} : { imageTag: tag }),
      });
      const shown = `{imageDigest:'${digest ?? "null"}', imageTag:'${tag ?? "null"}'}`;
      const where = `the repository with name '${repository.name}' in the registry with id '${parts.account}'`;
      throw "failureCode" in found
        ? new ServiceError("ImageNotFoundException", `The image with imageId ${shown} does not exist within ${where}`)
        : new ServiceError(
            "ScanNotFoundException",
            `Image scan does not exist for the image with '${shown}' in ${where}`,
          );
    },
    GetLifecyclePolicy: (input) => {
      const { name } = findRepository(parts, input);
      throw new ServiceError(
        "LifecyclePolicyNotFoundException",
        `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${parts.account}'`,
      );
    },
  };
}

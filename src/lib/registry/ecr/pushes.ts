import type { DescribeImagesCommandOutput } from "@aws-sdk/client-ecr";
import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import type { Digest } from "../../image/digest.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { ecrCalls } from "./call.ts";

/** When images came into the registry. */
export interface Pushes {
  /** Milliseconds since the epoch, by the registry's clock; a later tag does not change it. @returns undefined where the image is not there, or it does not say */
  pushedAt(repository: string, digest: Digest): Promise<number | undefined>;
}

/** As ECR tells it (`imagePushedAt`). Nothing is asked before the first call. */
export function ecrPushes(ports: {
  readonly repo: Pick<EcrRepo, "account">;
  readonly aws: Pick<AwsClients, "ecr">;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Pushes {
  const call = ecrCalls(ports);
  return {
    pushedAt: async (repository, imageDigest) => {
      const { imageDetails = [] } = await call<Partial<DescribeImagesCommandOutput>>({
        doing: `asking when ${repository} got ${imageDigest}`,
        repository,
        send: (client, sdk, options) => {
          const input = { registryId: ports.repo.account, repositoryName: repository, imageIds: [{ imageDigest }] };
          return client.send(new sdk.DescribeImagesCommand(input), options);
        },
        answers: { ImageNotFoundException: () => ({}) },
      });
      return imageDetails[0]?.imagePushedAt?.getTime();
    },
  };
}

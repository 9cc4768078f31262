import type { DescribeImagesCommandOutput, GetLifecyclePolicyCommandOutput, ImageDetail } from "@aws-sdk/client-ecr";
import { type CallPorts, pages } from "../../aws/patient-calls.ts";
import type { AwsClients } from "../../aws/clients.ts";
import { isDigest } from "../../image/digest.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { type EcrConnection, ecrCalls } from "../ecr/call.ts";
import type { LifecycleImage } from "./simulate.ts";
import { type LifecyclePolicy, parseLifecyclePolicy } from "./policy.ts";

/** What a lifecycle policy is judged by. Reads only. */
export interface LifecycleSource {
  /** Undefined where the repository has none. @throws ThreadsError LIFECYCLE_UNREADABLE, REPOSITORY_NOT_FOUND … */
  policy(repository: string): Promise<LifecyclePolicy | undefined>;
  /** All images, archived ones too. */
  images(repository: string): Promise<readonly LifecycleImage[]>;
}

/** The largest page of DescribeImages (API reference). */
const pageSize = 1000;

/** Lifecycle policies and images as ECR tells them. Nothing is asked before the first call. */
export function ecrLifecycle(
  ports: CallPorts & { readonly repo: Pick<EcrRepo, "account">; readonly aws: Pick<AwsClients, "ecr"> },
): LifecycleSource {
  const ecr: EcrConnection = { call: ecrCalls(ports), registryId: ports.repo.account };
  return {
    policy: (repository) => readPolicy(ecr, repository),
    images: (repository) => readImages(ecr, repository),
  };
}

async function readPolicy(ecr: EcrConnection, repository: string): Promise<LifecyclePolicy | undefined> {
  const reply = await ecr.call<Partial<GetLifecyclePolicyCommandOutput>>({
    doing: `reading the lifecycle policy of ${repository}`,
    repository,
    send: (client, sdk, options) =>
      client.send(
        new sdk.GetLifecyclePolicyCommand({ registryId: ecr.registryId, repositoryName: repository }),
        options,
      ),
    // No policy: nothing is ever taken.
    answers: { LifecyclePolicyNotFoundException: () => ({}) },
  });
  return reply.lifecyclePolicyText === undefined
    ? undefined
    : parseLifecyclePolicy(reply.lifecyclePolicyText, repository);
}

async function readImages(ecr: EcrConnection, repository: string): Promise<readonly LifecycleImage[]> {
  const images: LifecycleImage[] = [];
  const read = (nextToken: string | undefined): Promise<DescribeImagesCommandOutput> =>
    ecr.call({
      doing: `listing the images of ${repository}`,
      repository,
      send: (client, sdk, options) => {
        const input = { registryId: ecr.registryId, repositoryName: repository, maxResults: pageSize, nextToken };
        // Without this filter archived images are left out (API reference, DescribeImagesFilter).
        const filter = { imageStatus: "ANY" as const };
        return client.send(new sdk.DescribeImagesCommand({ ...input, filter }), options);
      },
    });
  for await (const { imageDetails = [] } of pages(read)) images.push(...imageDetails.flatMap(toLifecycleImage));
  return images;
}

function toLifecycleImage(detail: ImageDetail): LifecycleImage[] {
  const {
    imageDigest = "",
    imageTags = [],
    imagePushedAt,
    lastRecordedPullTime,
    lastActivatedAt,
    lastArchivedAt,
  } = detail;
  if (!isDigest(imageDigest)) return [];
  const archived = detail.imageStatus === "ARCHIVED";
  return [
    {
      digest: imageDigest,
      tags: imageTags,
      pushedAt: imagePushedAt?.getTime() ?? 0,
      ...(lastRecordedPullTime === undefined ? {} : { lastPulledAt: lastRecordedPullTime.getTime() }),
      ...(lastActivatedAt === undefined ? {} : { activatedAt: lastActivatedAt.getTime() }),
      ...(archived ? { archivedAt: lastArchivedAt?.getTime() ?? 0 } : {}),
    },
  ];
}

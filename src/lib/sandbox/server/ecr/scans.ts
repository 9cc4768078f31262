import { type Operation, ServiceError } from "../protocol.ts";
import type { ScriptedScan } from "../settings.ts";
import { type ImageId, lookUp } from "./image-ids.ts";
import type { ImageState, RepositoryState } from "./index-state.ts";
import { page } from "./paging.ts";
import { type EcrParts, findRepository, invalidParameter, read, seconds } from "./parts.ts";

type Input = Parameters<Operation>[0];

/** One scan of an image in so long (ECR quotas). */
const scanSeconds = 24 * 60 * 60;

/**
 * Basic scanning without a scanner: what a scan finds is what `/_sandbox/settings` says under `scans`, and nothing
 * otherwise; it takes `scanSeconds`. An image that nobody scanned has no scan, which is not the same as no findings.
 */
export function scans(parts: EcrParts): Readonly<Record<string, Operation>> {
  return {
    StartImageScan: async (input) => {
      const { repository, image, id } = subject(parts, input);
      const now = seconds(parts);
      if (image.scannedAt !== undefined && now - image.scannedAt < scanSeconds)
        throw new ServiceError(
          "LimitExceededException",
          "The scan quota per image has been exceeded. Wait and try again.",
        );
      await parts.index.update(() => (image.scannedAt = now));
      return { ...named(parts, repository, image, id), imageScanStatus: { status: "IN_PROGRESS" } };
    },
    DescribeImageScanFindings: (input) => {
      const { repository, image, id } = subject(parts, input);
      const scripted = parts.settings.scans.find(({ imageDigest }) => imageDigest === image.digest);
      if (scripted === undefined && image.scannedAt === undefined) throw notFound(parts, repository, id);
      const name = named(parts, repository, image, id);
      if (isRunning(parts, image)) return Promise.resolve({ ...name, imageScanStatus: { status: "IN_PROGRESS" } });
      const { status, description } = scripted ?? { status: "COMPLETE", description: undefined };
      return Promise.resolve({
        ...name,
        imageScanStatus: { status, ...(description === undefined ? {} : { description }) },
        ...findingsOf(input, scripted, image.scannedAt ?? image.pushedAt),
      });
    },
  };
}

function isRunning(parts: EcrParts, { scannedAt }: ImageState): boolean {
  const { scanSeconds: takes } = parts.settings;
  return takes > 0 && scannedAt !== undefined && seconds(parts) - scannedAt < takes;
}

interface Subject {
  readonly repository: RepositoryState;
  readonly image: ImageState;
  readonly id: ImageId;
}

function subject(parts: EcrParts, input: Input): Subject {
  const repository = findRepository(parts, input);
  const given = read.optionalRecord(input, "imageId");
  if (given === undefined) throw invalidParameter("imageId", "Member must not be null");
  const imageDigest = read.optionalString(given, "imageDigest");
  const imageTag = read.optionalString(given, "imageTag");
  const id = {
    ...(imageDigest === undefined ? {} : { imageDigest }),
    ...(imageTag === undefined ? {} : { imageTag }),
  };
  const image = lookUp(repository, id);
  if ("failureCode" in image)
    throw new ServiceError(
      "ImageNotFoundException",
      `The image with imageId ${shown(id)} does not exist within ${where(parts, repository)}`,
    );
  // In the model only StartImageScan has this exception; users have met its words on the findings too (ecr-scan-image #43).
  if (image.children.length > 0)
    throw new ServiceError(
      "UnsupportedImageTypeException",
      `An artifact with media type ${image.mediaType} cannot be scanned`,
    );
  return { repository, image, id };
}

function shown({ imageDigest, imageTag }: ImageId): string {
  return `{imageDigest:'${imageDigest ?? "null"}', imageTag:'${imageTag ?? "null"}'}`;
}

function where(parts: EcrParts, { name }: RepositoryState): string {
  return `the repository with name '${name}' in the registry with id '${parts.account}'`;
}

function notFound(parts: EcrParts, repository: RepositoryState, id: ImageId): ServiceError {
  return new ServiceError(
    "ScanNotFoundException",
    `Image scan does not exist for the image with '${shown(id)}' in ${where(parts, repository)}`,
  );
}

function named(parts: EcrParts, ...[repository, image, id]: [RepositoryState, ImageState, ImageId]): object {
  const imageId = { ...id, imageDigest: image.digest };
  return { registryId: parts.account, repositoryName: repository.name, imageId };
}

/** Findings come with scans that have ended; counts are of all of them, whatever page is shown. */
function findingsOf(input: Input, scripted: ScriptedScan | undefined, at: number): object {
  const status = scripted?.status ?? "COMPLETE";
  if (status !== "COMPLETE" && status !== "ACTIVE") return {};
  const all = scripted?.findings ?? [];
  const counts: Record<string, number> = {};
  for (const { severity } of all) counts[severity] = (counts[severity] ?? 0) + 1;
  const keyed = all.map((finding, index) => ({ finding, key: String(index).padStart(6, "0") }));
  const { items, ...next } = page(input, keyed, ({ key }) => key);
  return {
    imageScanFindings: {
      imageScanCompletedAt: at,
      vulnerabilitySourceUpdatedAt: at,
      findingSeverityCounts: counts,
      findings: items.map(({ finding }) => finding),
    },
    ...next,
  };
}

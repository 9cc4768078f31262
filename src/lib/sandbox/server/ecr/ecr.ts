import type { JsonService } from "../protocol.ts";
import { ecrAccesses } from "./accesses.ts";
import { batchDeleteImage } from "./batch-delete-image.ts";
import { batchGetImage } from "./batch-get-image.ts";
import { layerUpload } from "./layer-upload.ts";
import { batchCheckLayerAvailability, getDownloadUrlForLayer } from "./layers.ts";
import { lifecycle } from "./lifecycle.ts";
import { describeImages, listImages } from "./list-images.ts";
import type { EcrParts } from "./parts.ts";
import { putImage } from "./put-image.ts";
import {
  createRepository,
  deleteRepository,
  describeRepositories,
  putImageScanningConfiguration,
  putImageTagMutability,
} from "./repositories.ts";
import { scans } from "./scans.ts";
import { getAuthorizationToken } from "./tokens.ts";

/** The ECR API (2015-09-21), as far as images, layers, repositories, lifecycle policies and basic scans go. */
export function createEcr(parts: EcrParts): JsonService {
  const operations = {
    GetAuthorizationToken: getAuthorizationToken(parts),
    CreateRepository: createRepository(parts),
    DescribeRepositories: describeRepositories(parts),
    DeleteRepository: deleteRepository(parts),
    PutImageTagMutability: putImageTagMutability(parts),
    PutImageScanningConfiguration: putImageScanningConfiguration(parts),
    BatchGetImage: batchGetImage(parts),
    PutImage: putImage(parts),
    DescribeImages: describeImages(parts),
    ListImages: listImages(parts),
    BatchDeleteImage: batchDeleteImage(parts),
    BatchCheckLayerAvailability: batchCheckLayerAvailability(parts),
    GetDownloadUrlForLayer: getDownloadUrlForLayer(parts),
    ...layerUpload(parts),
    ...lifecycle(parts),
    ...scans(parts),
  };
  return {
    target: "AmazonEC2ContainerRegistry_V20150921",
    operations,
    accesses: ecrAccesses(Object.keys(operations)),
  };
}

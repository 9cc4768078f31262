import type { Exchange } from "../exchange.ts";
import { ServiceError } from "../protocol.ts";
import { repositoryArn } from "../ecr/accesses.ts";
import type { EcrParts } from "../ecr/parts.ts";
import type { TokenHolder } from "../ecr/tokens.ts";
import { RegistryError } from "./errors.ts";

/** What docker's requests are to IAM (ECR user guide, "Pushing" and "Pulling an image": required permissions). */
const actions: Readonly<Record<string, readonly string[]>> = {
  GetManifest: ["BatchGetImage"],
  PutManifest: ["PutImage"],
  ListTags: ["ListImages"],
  HeadBlob: ["BatchCheckLayerAvailability"],
  GetBlob: ["GetDownloadUrlForLayer"],
  StartUpload: ["InitiateLayerUpload"],
  UploadBlob: ["UploadLayerPart", "CompleteLayerUpload"],
};

/** Whoever has logged in may do with docker what they may do by the API. @throws RegistryError DENIED, with IAM's own words */
export function requireAccess(
  parts: EcrParts,
  exchange: Exchange,
  request: { readonly holder: TokenHolder; readonly name: string; readonly repository: string },
): void {
  const { holder } = request;
  if (holder === undefined) return;
  const resource = repositoryArn(parts, request.repository);
  const accesses = (actions[request.name] ?? []).map((action) => ({ action: `ecr:${action}`, resource, context: {} }));
  exchange.used = accesses.map((one) => `${one.action} ${resource}`);
  try {
    parts.access.require(parts.access.identityOf(holder), accesses);
  } catch (error) {
    if (error instanceof ServiceError) throw new RegistryError("DENIED", 403, error.message);
    throw error;
  }
}

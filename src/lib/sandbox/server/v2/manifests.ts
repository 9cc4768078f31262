import { isDigest } from "../../../image/digest.ts";
import { convert } from "../ecr/conversion.ts";
import { type ImageState, isImmutable, type RepositoryState, tagsPerImage } from "../ecr/index-state.ts";
import { digestOf, largestManifest, type Manifest, manifestTypes, parseManifest, tagPattern } from "../ecr/manifest.ts";
import { type EcrParts, missingText, repositoryNamed } from "../ecr/parts.ts";
import { readManifest } from "../ecr/read-manifest.ts";
import { recordPull } from "../ecr/pulls.ts";
import { storeImage } from "../ecr/store-image.ts";
import { type Exchange, readBody, reply } from "../exchange.ts";
import { RegistryError } from "./errors.ts";

/** GET and HEAD of a manifest: the tag is looked up here, the bytes are read by digest. */
export async function getManifest(
  parts: EcrParts,
  exchange: Exchange,
  { repository, reference }: { readonly repository: RepositoryState; readonly reference: string },
): Promise<void> {
  const image = find(repository, reference);
  const body = image === undefined ? undefined : await readManifest(parts, repository.name, image);
  const given = image === undefined || body === undefined ? undefined : negotiate(exchange, { body, image, reference });
  if (given === undefined) throw new RegistryError("MANIFEST_UNKNOWN", 404, "Requested image not found");
  if (image !== undefined && exchange.request.method === "GET") await recordPull(parts, image);
  reply(exchange, {
    status: 200,
    headers: { "content-type": given.mediaType, "docker-content-digest": digestOf(given.body) },
    body: given.body,
  });
}

/** PUT of a manifest under a tag or its digest, with ECR's immutability. */
export async function putManifest(
  parts: EcrParts,
  exchange: Exchange,
  { repository, reference }: { readonly repository: RepositoryState; readonly reference: string },
): Promise<void> {
  const manifest = await readManifestBody(exchange);
  const tag = isDigest(reference) ? undefined : reference;
  if (tag === undefined && reference !== manifest.digest)
    throw new RegistryError("DIGEST_INVALID", 400, "The provided digest does not match the uploaded content");
  if (tag !== undefined && !tagPattern.test(tag))
    throw new RegistryError("TAG_INVALID", 400, `The image tag '${tag}' is not valid`);
  await parts.serial(repository.name, async () => {
    // Looked up again: it may have been deleted while this PUT was waiting for its turn.
    const current = repositoryNamed(parts, repository.name);
    if (current === undefined)
      throw new RegistryError("NAME_UNKNOWN", 404, missingText(repository.name, parts.account));
    if (tag !== undefined && Object.hasOwn(current.tags, tag) && isImmutable(current, tag))
      throw new RegistryError(
        "TAG_INVALID",
        400,
        `The image tag '${tag}' already exists in the '${current.name}' repository and cannot be overwritten because the repository is immutable.`,
      );
    await store(parts, current, { manifest, tag });
  });
  reply(exchange, {
    status: 201,
    headers: {
      "docker-content-digest": manifest.digest,
      location: `/v2/${repository.name}/manifests/${manifest.digest}`,
      ...(manifest.subject === undefined ? {} : { "oci-subject": manifest.subject }),
    },
  });
}

async function readManifestBody(exchange: Exchange): Promise<Manifest> {
  const body = await readBody(exchange.request, largestManifest);
  const declared = exchange.request.headers["content-type"]?.split(";")[0]?.trim();
  const manifest = parseManifest(body, declared);
  if ("rule" in manifest) throw new RegistryError("MANIFEST_INVALID", 400, `manifest invalid: ${manifest.rule}`);
  return manifest;
}

async function store(
  parts: EcrParts,
  repository: RepositoryState,
  wanted: { readonly manifest: Manifest; readonly tag: string | undefined },
): Promise<void> {
  const outcome = await storeImage(parts, repository, wanted);
  switch (outcome.kind) {
    case "stored":
      return;
    case "too-many-tags":
      throw new RegistryError("DENIED", 403, `The image already has the maximum of ${tagsPerImage} tags`);
    case "missing":
      throw new RegistryError("MANIFEST_BLOB_UNKNOWN", 400, `not in the repository: ${outcome.missing.join(", ")}`);
    case "refused":
      throw new RegistryError("MANIFEST_INVALID", outcome.status, outcome.message);
  }
}

function find(repository: RepositoryState, reference: string): ImageState | undefined {
  const tagged = Object.hasOwn(repository.tags, reference) ? repository.tags[reference] : undefined;
  const digest = isDigest(reference) ? reference : tagged;
  return digest === undefined ? undefined : repository.images[digest];
}

/** By digest and for a client that names no manifest type the stored bytes; by tag what the client accepts, converted if need be. */
function negotiate(
  exchange: Exchange,
  stored: { readonly body: Buffer; readonly image: ImageState; readonly reference: string },
): { readonly body: Buffer; readonly mediaType: string } | undefined {
  const { body, image, reference } = stored;
  const { mediaType } = image;
  const header = exchange.request.headers.accept ?? "";
  const accepted = manifestTypes.filter((type) => header.includes(type));
  if (
    isDigest(reference) ||
    accepted.length === 0 ||
    accepted.includes(image.mediaType as (typeof manifestTypes)[number])
  )
    return { body, mediaType };
  return convert(body, mediaType, accepted);
}

import type { EcrParts } from "./parts.ts";
import { type ImageState, recordImage, type RepositoryState, tagsOf, tagsPerImage } from "./index-state.ts";
import type { Manifest } from "./manifest.ts";
import { seconds } from "./parts.ts";

/** Why the registry did not take a manifest. `missing`: digests of blobs or children that the repository does not hold. */
export type StoreOutcome =
  | { readonly kind: "stored" }
  | { readonly kind: "too-many-tags" }
  | { readonly kind: "missing"; readonly missing: readonly string[] }
  | { readonly kind: "refused"; readonly status: number; readonly message: string };

/** Puts the bytes into the registry by digest and records image and tag. The one way in, for PutImage and for `docker push`; call it inside `serial`. */
export async function storeImage(
  parts: EcrParts,
  repository: RepositoryState,
  { manifest, tag }: { readonly manifest: Manifest; readonly tag: string | undefined },
): Promise<StoreOutcome> {
  const { digest } = manifest;
  if (tag !== undefined && repository.tags[tag] !== digest && tagsOf(repository, digest).length >= tagsPerImage)
    return { kind: "too-many-tags" };
  if (repository.images[digest] === undefined) {
    const refused = await takeIn(parts, repository, manifest);
    if (refused !== undefined) return refused;
  }
  await parts.index.update(() => recordImage(repository, describe(parts, repository, manifest), tag));
  return { kind: "stored" };
}

async function takeIn(
  parts: EcrParts,
  repository: RepositoryState,
  manifest: Manifest,
): Promise<StoreOutcome | undefined> {
  // The index is the judge, not the registry: it may still hold a child that was deleted here.
  const lost = manifest.children.filter((child) => repository.images[child] === undefined);
  if (lost.length > 0) return { kind: "missing", missing: lost };
  const { status, body } = await parts.upstream.send({
    method: "PUT",
    path: `/v2/${repository.name}/manifests/${manifest.digest}`,
    headers: { "content-type": manifest.mediaType },
    body: manifest.bytes,
  });
  return status === 201 ? undefined : refusal(status, body);
}

function describe(parts: EcrParts, repository: RepositoryState, manifest: Manifest): ImageState {
  const { digest, mediaType, children, layerBytes, artifactMediaType, subject } = manifest;
  const sizes = children.map((child) => repository.images[child]?.size ?? 0);
  const pushedAt = seconds(parts);
  return {
    digest,
    mediaType,
    pushedAt,
    size: Math.max(layerBytes, ...sizes),
    children,
    ...(artifactMediaType === undefined ? {} : { artifactMediaType }),
    ...(subject === undefined ? {} : { subject }),
    ...(repository.scanOnPush === true && children.length === 0 ? { scannedAt: pushedAt } : {}),
  };
}

interface RegistryErrors {
  readonly errors?: readonly { readonly code?: string; readonly message?: string; readonly detail?: unknown }[];
}

function refusal(status: number, body: Buffer): StoreOutcome {
  const errors = parseErrors(body);
  const missing = errors
    .filter(({ code }) => code === "MANIFEST_BLOB_UNKNOWN" || code === "BLOB_UNKNOWN")
    .map(({ detail }) =>
      typeof detail === "object" && detail !== null && "digest" in detail ? String(detail.digest) : "unknown",
    );
  if (missing.length > 0) return { kind: "missing", missing };
  return { kind: "refused", status, message: errors[0]?.message ?? `the registry answered ${status}` };
}

function parseErrors(body: Buffer): NonNullable<RegistryErrors["errors"]> {
  try {
    return (JSON.parse(body.toString("utf8")) as RegistryErrors).errors ?? [];
  } catch {
    return [];
  }
}

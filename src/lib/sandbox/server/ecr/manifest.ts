import { createHash } from "node:crypto";
import { type Digest, isDigest, parseDigest } from "../../../image/digest.ts";

export const manifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
] as const;
export type ManifestType = (typeof manifestTypes)[number];

/** 4 MiB (botocore's service model: imageManifest 1..4,194,304). */
export const largestManifest = 4_194_304;
/** Docker's and OCI's tag grammar. */
export const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** A manifest as it came, and what the index needs to know of it. */
export interface Manifest {
  readonly bytes: Buffer;
  /** sha256 of the bytes. */
  readonly digest: Digest;
  readonly mediaType: ManifestType;
  /** Images that an index lists. */
  readonly children: readonly Digest[];
  readonly subject?: Digest;
  readonly artifactMediaType?: string;
  /** Bytes of its layers; 0 for an index. */
  readonly layerBytes: number;
}

/** What is wrong with the manifest, in ECR's words, and at which parameter. */
export interface Complaint {
  readonly at: "imageManifest" | "imageManifestMediaType";
  readonly rule: string;
}

interface Parsed {
  readonly mediaType?: unknown;
  readonly schemaVersion?: unknown;
  readonly layers?: readonly { readonly size?: unknown }[];
  readonly manifests?: readonly { readonly digest?: unknown }[];
  readonly config?: { readonly mediaType?: unknown };
  readonly artifactType?: unknown;
  readonly subject?: { readonly digest?: unknown };
}

/** @param declared the media type given beside the bytes: needed only where the manifest does not name its own. */
export function parseManifest(bytes: Buffer, declared: string | undefined): Manifest | Complaint {
  const parsed = parseObject(bytes);
  if (parsed === undefined) return { at: "imageManifest", rule: "Invalid JSON syntax" };
  const own = typeof parsed.mediaType === "string" ? parsed.mediaType : undefined;
  if (own === undefined && declared === undefined)
    return { at: "imageManifestMediaType", rule: "must be given when the manifest has no mediaType" };
  if (own !== undefined && declared !== undefined && own !== declared)
    return { at: "imageManifestMediaType", rule: `must match the manifest's mediaType ${own}` };
  const mediaType = manifestTypes.find((type) => type === (own ?? declared));
  if (mediaType === undefined || parsed.schemaVersion !== 2)
    return { at: "imageManifest", rule: `must be of a supported media type, not ${own ?? declared}` };
  const { layers = [], manifests = [], subject } = parsed;
  const artifactMediaType = parsed.artifactType ?? parsed.config?.mediaType;
  return {
    bytes,
    digest: digestOf(bytes),
    mediaType,
    children: manifests
      .map((child) => child.digest)
      .filter((digest) => typeof digest === "string")
      .filter(isDigest),
    layerBytes: layers.reduce((sum, { size }) => sum + (typeof size === "number" ? size : 0), 0),
    ...(typeof subject?.digest === "string" && isDigest(subject.digest) ? { subject: subject.digest } : {}),
    ...(typeof artifactMediaType === "string" ? { artifactMediaType } : {}),
  };
}

export function digestOf(bytes: Uint8Array): Digest {
  return parseDigest(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
}

function parseObject(bytes: Buffer): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    const fits = typeof value === "object" && value !== null && !Array.isArray(value);
    return fits ? value : undefined;
  } catch {
    return undefined;
  }
}

import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type Digest, digestOf, isDigest } from "../../image/digest.ts";
import type { BlobSource, StoredManifest } from "../registry.ts";

/** All of an image, as a registry takes it. */
export interface ImageContents {
  /** What an index lists, and what that lists in turn: each after its own children. */
  readonly children: readonly StoredManifest[];
  /** What the image's name stands for: an index, or the one manifest. */
  readonly root: StoredManifest;
  /** Of it and all children, each once. */
  readonly blobs: readonly LayoutBlob[];
}

interface LayoutBlob extends BlobSource {
  /** A config is none. */
  readonly isLayer: boolean;
}

interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
}

interface Manifest {
  readonly mediaType?: string;
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

interface Walk {
  readonly folder: string;
  /** By digest; a Map keeps the order in which they were found. */
  readonly manifests: Map<string, StoredManifest>;
  readonly blobs: Map<string, LayoutBlob>;
  /** For whom which contents are missing: `linux/arm64: sha256:…`. */
  readonly missing: string[];
}

const oci = "application/vnd.oci.image";

/**
 * Reads an image, or an index and all that it lists, from an OCI image layout (OCI image spec, image-layout.md). Manifests are checked
 * against their digests here, blobs when they are uploaded; of what is missing everything is told at once.
 * @param folder has the layout's `blobs`
 * @param image how people know it
 * @throws ThreadsError IMAGE_INCOMPLETE, EXPORT_BROKEN
 */
export async function readImage(folder: string, digest: Digest, image: string): Promise<ImageContents> {
  const walk: Walk = { folder, manifests: new Map(), blobs: new Map(), missing: [] };
  const root = await visit(walk, { digest, size: 0 }, "the image itself");
  if (root === undefined || walk.missing.length > 0) throw incomplete(image, walk.missing);
  const children = [...walk.manifests.values()].filter((manifest) => manifest !== root);
  return { children, root, blobs: [...walk.blobs.values()] };
}

/** Children first: a registry refuses a manifest whose parts it lacks. */
async function visit(walk: Walk, descriptor: Descriptor, platform: string): Promise<StoredManifest | undefined> {
  const { digest } = descriptor;
  const seen = walk.manifests.get(digest);
  if (seen !== undefined) return seen;
  const body = await readFile(blobPath(walk.folder, digest), "utf8").catch(absent);
  if (body === undefined || !isDigest(digest)) {
    walk.missing.push(`${platform}: ${digest}`);
    return undefined;
  }
  if (digestOf(body) !== digest) throw broken(digest);
  const manifest = JSON.parse(body) as Manifest;
  for (const child of manifest.manifests ?? []) await visit(walk, child, platformOf(child) ?? platform);
  for (const layer of manifest.layers ?? []) await take(walk, layer, { platform, isLayer: true });
  if (manifest.config !== undefined) await take(walk, manifest.config, { platform, isLayer: false });
  // OCI lets a manifest leave its own media type out; whoever lists it then has it, and nobody lists the root.
  const unnamed = `${oci}.${manifest.manifests === undefined ? "manifest" : "index"}.v1+json`;
  const stored = { digest, mediaType: manifest.mediaType ?? descriptor.mediaType ?? unnamed, body };
  walk.manifests.set(digest, stored);
  return stored;
}

async function take(
  { folder, blobs, missing }: Walk,
  { digest, size }: Descriptor,
  { platform, isLayer }: { readonly platform: string; readonly isLayer: boolean },
): Promise<void> {
  if (blobs.has(digest)) return;
  const path = blobPath(folder, digest);
  const found = await stat(path).catch(absent);
  if (found === undefined || !isDigest(digest)) {
    missing.push(`${platform}: ${digest}`);
    return;
  }
  if (found.size !== size) throw broken(digest);
  blobs.set(digest, { digest, size, isLayer, read: (first, length) => readPart(path, first, length) });
}

async function readPart(path: string, first: number, length: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, first);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function blobPath(folder: string, digest: string): string {
  return join(folder, "blobs", ...digest.split(":"));
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** BuildKit marks attestations by a platform that there is not. */
function platformOf({ platform }: Descriptor): string | undefined {
  if (platform?.os === "unknown") return "attestation";
  const words = [platform?.os, platform?.architecture, platform?.variant].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join("/");
}

function incomplete(image: string, missing: readonly string[]): ThreadsError {
  const platforms = [...new Set(missing.map((line) => line.slice(0, line.indexOf(": "))))].join(", ");
  return new ThreadsError("IMAGE_INCOMPLETE", {
    message: `docker does not have all of ${image}: ${platforms} is missing`,
    details: missing,
    next: ["threads smoke"],
    advice: [`take ${platforms} out of the compose file's build sections, if it does not help`],
  });
}

function broken(digest: string): ThreadsError {
  return new ThreadsError("EXPORT_BROKEN", {
    message: `the bytes that docker exported as ${digest} are not those of that digest`,
    next: ["df -h", "threads smoke && threads publish"],
    advice: ["a full disk cuts files short"],
  });
}

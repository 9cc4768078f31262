import { createHash } from "node:crypto";

/**
 * `sha256:` and 64 lower-case hex digits (OCI image spec, descriptor.md#digests). A tag can never be passed where a digest is meant.
 * @pattern ^sha256:[0-9a-f]{64}$
 */
export type Digest = `sha256:${string}` & { readonly __brand?: "digest" };

const pattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/** @throws RangeError for anything else: digests come from machines, so a bad one is a bug or a bad reply. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new RangeError(`not a sha256 digest: ${JSON.stringify(text)}`);
  return text;
}

/** The digest of some bytes; a string stands for its UTF-8 bytes, as manifests travel. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return parseDigest(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
}

/** How people read a digest: the first twelve hex digits. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, "sha256:".length + 12);
}

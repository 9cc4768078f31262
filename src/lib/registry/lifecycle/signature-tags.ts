import type { Digest } from "../../image/digest.ts";
import type { LifecycleImage } from "./simulate.ts";

/** Every signature of an image that cosign keeps under a tag has one like this; ECR itself minds those that are referrers. */
export const signaturePattern = "sha256-*.sig";

export function isSignatureTag(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}\.sig$/.test(tag);
}

interface Wanted {
  readonly because: readonly string[];
}

/** What has to stay with an image: to a lifecycle rule a signature is an image of its own, with a tag that no other rule knows. */
export function signaturesOf(
  wanted: ReadonlyMap<Digest, Wanted>,
  images: readonly LifecycleImage[],
): ReadonlyMap<Digest, Wanted> {
  const found = [...wanted].flatMap(([digest, { because }]): [Digest, Wanted][] => {
    const tag = `${digest.replace(":", "-")}.sig`;
    const signature = images.find(({ tags }) => tags.includes(tag));
    return signature === undefined ? [] : [[signature.digest, { because: ["signature", ...because] }]];
  });
  return new Map(found);
}

import type { Digest } from "../image/digest.ts";

/** What a person types to see when an image was pushed, and with which tags. */
export function describeLine({ repository, digest }: { readonly repository: string; readonly digest: Digest }): string {
  return `aws ecr describe-images --repository-name ${repository} --image-ids imageDigest=${digest}`;
}

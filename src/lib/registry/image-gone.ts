import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, shortDigest } from "../image/digest.ts";

/** A digest that a release pins, but the registry no longer has, or not with all of its layers or children. */
export function imageGone(repository: string, digest: Digest, cause?: Error): ThreadsError {
  return new ThreadsError("IMAGE_GONE", {
    message: `${repository} no longer has ${cause === undefined ? "" : "all of "}${shortDigest(digest)}: a lifecycle rule or a person deleted it`,
    next: [`aws ecr get-lifecycle-policy --repository-name ${repository}`, "publish a new commit"],
    ...(cause === undefined ? {} : { cause, details: [cause.message] }),
  });
}

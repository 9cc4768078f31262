import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, shortDigest } from "../image/digest.ts";
import { shortRevision } from "../release/revision.ts";

/** A digest that a release pins, but the registry no longer has, or not with all of its layers or children. */
export function imageGone(repository: string, digest: Digest, cause?: Error): ThreadsError {
  const what = `${cause === undefined ? "" : "all of "}${shortDigest(digest)}`;
  return gone({
    message: `${repository} no longer has ${what}: a lifecycle rule or a person deleted it`,
    repositories: [repository],
    instead: "publish a new commit",
    cause,
  });
}

/** Images of a release that the registry no longer has. @param instead the command that finds another release */
export function imagesGone(
  { revision, images }: { readonly revision: string; readonly images: readonly MissingImage[] },
  instead: string,
): ThreadsError {
  const services = images.map(({ service }) => service).join(", ");
  return gone({
    message: `the registry no longer has ${services} of release ${shortRevision(revision)}`,
    repositories: images.map(({ repository }) => repository),
    instead,
  });
}

interface MissingImage {
  readonly service: string;
  readonly repository: string;
}

interface Gone {
  readonly message: string;
  readonly repositories: readonly string[];
  readonly instead: string;
  readonly cause?: Error | undefined;
}

function gone({ message, repositories, instead, cause }: Gone): ThreadsError {
  const policies = [...new Set(repositories)].map((name) => `aws ecr get-lifecycle-policy --repository-name ${name}`);
  const details = cause === undefined ? [] : [cause.message];
  return new ThreadsError("IMAGE_GONE", { message, details, next: [...policies, instead], cause });
}

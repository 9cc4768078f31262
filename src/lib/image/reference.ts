import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, isDigest } from "./digest.ts";
import { isRepository } from "./repository.ts";
import { isTag } from "./tag.ts";

/** An image by its contents: what is tested, promoted and run. */
interface PinnedReference {
  readonly host: string;
  readonly repository: string;
  readonly digest: Digest;
}

/** An image by its label: what people read, and what may move. */
export interface TaggedReference {
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
}

export type ImageReference = PinnedReference | TaggedReference;

/** `host/repository@sha256:…` or `host/repository:tag`, as docker takes it. */
export function printReference(reference: ImageReference): string {
  const path = `${reference.host}/${reference.repository}`;
  return "digest" in reference ? `${path}@${reference.digest}` : `${path}:${reference.tag}`;
}

/** Reads what printReference prints. @throws ThreadsError IMAGE_REFERENCE_INVALID for anything else, a reference without host included. */
export function parseReference(text: string): ImageReference {
  const slash = text.indexOf("/");
  const host = text.slice(0, Math.max(slash, 0));
  const path = text.slice(slash + 1);
  const at = path.indexOf("@");
  const colon = path.indexOf(":");
  if (isHost(host) && at > 0 && isRepository(path.slice(0, at))) {
    const digest = path.slice(at + 1);
    if (isDigest(digest)) return { host, repository: path.slice(0, at), digest };
  }
  if (isHost(host) && at < 0 && colon > 0 && isRepository(path.slice(0, colon)) && isTag(path.slice(colon + 1)))
    return { host, repository: path.slice(0, colon), tag: path.slice(colon + 1) };
  throw new ThreadsError("IMAGE_REFERENCE_INVALID", {
    message: `${JSON.stringify(text)} is not an image reference (host/repository@sha256:… or host/repository:tag)`,
    next: ["docker images --digests"],
  });
}

/** Docker's rule for telling a host from the first part of a path: it has a dot or a port, or is localhost. */
export function isHost(text: string): boolean {
  return /^(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:]+\](?::\d{1,5})?$/.test(text)
    ? /[.:]/.test(text) || text === "localhost"
    : false;
}

import type { Next } from "../../errors/next.ts";
import type { Digest } from "../../image/digest.ts";

/** What `threads publish` did, or with --dry-run would do. */
export interface PublishResult extends Next {
  readonly outcome: "published" | "already-published" | "planned";
  /** Whether the release is in the registry now; false only for a plan. */
  readonly published: boolean;
  readonly revision: string;
  readonly tree: string;
  /** `digest` is null where a plan cannot know it yet. */
  readonly bundle: { readonly repository: string; readonly tag: string; readonly digest: Digest | null };
  readonly images: readonly PublishedImage[];
  /** What --sign found and made; null where nobody asked. */
  readonly signatures: readonly PublishedSignature[] | null;
  /** Services of which another image was published before than the one that passed the smoke test here, or, from elsewhere, than this machine has: it stands (--adopt). */
  readonly otherBuild: readonly string[];
}

export interface PublishedSignature {
  /** A service, or `bundle`; of what an index lists, that of the index. */
  readonly name: string;
  readonly repository: string;
  /** Null where a plan cannot know it yet. */
  readonly digest: Digest | null;
  /** signed: by this run. present: by an earlier one. */
  readonly state: "signed" | "present" | "planned";
}

export interface PublishedImage {
  readonly service: string;
  readonly repository: string;
  /** The full sha, with the service where one repository holds all of them. */
  readonly tag: string;
  readonly digest: Digest | null;
  /** What the registry lacked: the image, only its tag, or nothing. */
  readonly action: "push" | "retag" | "present";
  /** Whether this run pushed it. */
  readonly pushed: boolean;
}

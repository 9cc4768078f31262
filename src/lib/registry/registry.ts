import type { RegistryLogin } from "../docker/session.ts";
import type { Digest } from "../image/digest.ts";

/** A registry that holds images by digest; the ECR adapter is in ecr.ts. Repositories are paths without host. */
export interface Registry {
  /** `host` or `host:port`, as it stands before the repository in an image reference. */
  readonly host: string;
  /**
   * The manifest that a tag or digest names, as the exact bytes whose sha256 is `digest`.
   * @returns undefined where there is no such image. @throws ThreadsError REPOSITORY_NOT_FOUND, and on every other failure.
   */
  find(repository: string, reference: string): Promise<StoredManifest | undefined>;
  /** The same for several tags or digests of one repository, by reference; what is not there is not in the map. */
  findMany(repository: string, references: readonly string[]): Promise<ReadonlyMap<string, StoredManifest>>;
  /** The bytes of a digest: from memory if they were read before, since what a digest names never changes. */
  read(repository: string, digest: Digest): Promise<StoredManifest | undefined>;
  /**
   * Puts the manifest's unchanged bytes under a tag, create-if-absent. Equal digest already there is `present`;
   * another digest under an existing tag throws ThreadsError TAG_CONFLICT and changes nothing.
   */
  tag(repository: string, manifest: StoredManifest, tag: string, known?: KnownTag): Promise<"created" | "present">;
  /** Puts a manifest there without a tag: the child of an index. Present already is success. @throws ThreadsError UPLOAD_LOST */
  store(repository: string, manifest: StoredManifest): Promise<void>;
  /** Those of the blobs that the repository lacks. */
  lacking(repository: string, blobs: readonly Digest[]): Promise<ReadonlySet<Digest>>;
  /**
   * Uploads a blob unless the repository has it.
   * @param onSent told of each part that has arrived, in bytes
   * @throws ThreadsError BLOB_BROKEN, UPLOAD_LOST
   */
  upload(repository: string, blob: Uint8Array | BlobSource, onSent?: (bytes: number) => void): Promise<Digest>;
  /** A blob's bytes, checked against its digest. @throws ThreadsError DOWNLOAD_FAILED, where it is larger than that too */
  download(repository: string, blob: Digest, mostBytes: number): Promise<Uint8Array>;
  /** Credentials for `docker login`. */
  login(): Promise<RegistryLogin>;
}

/** What the caller knows of a tag, so that it is not asked again. */
export interface KnownTag {
  /** The tag was looked for a moment ago, and was not there. */
  readonly absent: boolean;
}

export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Never re-serialised: its sha256 is the digest. */
  readonly body: string;
}

/** Bytes that lie somewhere else, and may be many: they are read part by part. */
export interface BlobSource {
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  /** So many bytes from the given one on; fewer only where there are no more. */
  read(first: number, length: number): Promise<Uint8Array>;
}

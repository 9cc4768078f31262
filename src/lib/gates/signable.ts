import type { Digest } from "../image/digest.ts";
import type { FirstSigned } from "../ledger/first-signed.ts";
import type { Registry } from "../registry/registry.ts";
import { type PublishedRelease, pulledImages } from "../release/release.ts";
import type { Signable, Unsigned } from "../signature/signatures.ts";

export interface SignatureFacts {
  readonly unsigned: Unsigned;
  /** When it passed in the environment for the first time; undefined where it never did, and where nobody needs to know. */
  readonly first: FirstSigned | undefined;
}

/** All of a release that a signature can be of: its images, what those list where they are an index, and its bundle. */
export async function signable(
  { release, repository, digest }: PublishedRelease,
  registry: Pick<Registry, "read">,
): Promise<readonly Signable[]> {
  const images = Object.entries(pulledImages(release)).map(([name, pin]) => ({ name, ...pin }));
  const all = await Promise.all(
    [...images, { name: "bundle", repository, digest }].map(async (one) => {
      const manifest = await registry.read(one.repository, one.digest);
      const { manifests = [] } = JSON.parse(manifest?.body ?? "{}") as { manifests?: { digest: Digest }[] };
      return [one, ...manifests.map((child) => ({ ...one, digest: child.digest }))];
    }),
  );
  // Services may share an image.
  return [...new Map(all.flat().map((one) => [`${one.repository} ${one.digest}`, one])).values()];
}

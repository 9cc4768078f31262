import { isDigest } from "../image/digest.ts";
import type { Registry } from "../registry/registry.ts";
import { architectures, bundleAround } from "../release/bundle.ts";
import type { PublishedRelease } from "../release/release.ts";
import type { TarEntry } from "../release/tar.ts";
import { untar } from "../release/untar.ts";

export type Files = ReadonlyMap<string, Omit<TarEntry, "name">>;

/** Configuration, and a megabyte of files that travel: no bundle of ours is larger. */
const mostBytes = 8 * 1024 * 1024;

/**
 * What lies in a bundle, by name. @returns a sentence, where it is not packed as threads packs it: docker might read something else
 * than we do. @throws ThreadsError what downloading throws
 */
export async function bundleFiles(
  published: PublishedRelease,
  registry: Pick<Registry, "read" | "download">,
): Promise<Files | string> {
  const layer = await layerOf(published, registry);
  if (layer === undefined) return "it has other parts than the one layer that threads writes";
  const isOurs = architectures.some(
    (architecture) =>
      bundleAround(layer, { release: published.release, architecture }).manifest.digest === published.digest,
  );
  if (!isOurs) return "its manifest or its config says more than threads writes of this release";
  return untar(layer) ?? "its files are not packed as threads packs them";
}

async function layerOf(
  { repository, digest }: PublishedRelease,
  registry: Pick<Registry, "read" | "download">,
): Promise<Uint8Array | undefined> {
  const manifest = await registry.read(repository, digest);
  const { layers = [] } = JSON.parse(manifest?.body ?? "{}") as { layers?: readonly { digest?: string }[] };
  const [only = {}, ...more] = layers;
  if (only.digest === undefined || !isDigest(only.digest) || more.length > 0) return undefined;
  return registry.download(repository, only.digest, mostBytes);
}

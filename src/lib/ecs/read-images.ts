import { type Digest, isDigest } from "../image/digest.ts";
import { imageGone } from "../registry/image-gone.ts";
import type { Registry } from "../registry/registry.ts";
import type { ImagePin } from "../release/release.ts";
import { type ImageFacts, parseImageFacts } from "./image-facts.ts";

interface Manifest {
  readonly config?: { readonly digest?: string };
  readonly manifests?: readonly {
    readonly digest?: string;
    readonly platform?: { readonly os?: string; readonly architecture?: string };
  }[];
}

/** The config of an image is a few kilobytes; what is larger is none. */
const mostBytes = 1024 * 1024;

/** What an image says of itself, read from the registry by its digest, and not pulled. @throws ThreadsError IMAGE_GONE, DOWNLOAD_FAILED */
export async function readImageFacts(
  { repository, digest }: ImagePin,
  registry: Pick<Registry, "read" | "download">,
): Promise<ImageFacts> {
  const manifest = await read({ repository, digest }, registry);
  const platform = ofPlatform(manifest);
  const { config } = platform === undefined ? manifest : await read({ repository, digest: platform }, registry);
  const found = config?.digest ?? "";
  if (!isDigest(found)) throw imageGone(repository, digest, new Error("its manifest names no config"));
  const bytes = await registry.download(repository, found, mostBytes);
  return parseImageFacts(Buffer.from(bytes).toString("utf8"));
}

async function read({ repository, digest }: ImagePin, registry: Pick<Registry, "read">): Promise<Manifest> {
  const stored = await registry.read(repository, digest);
  if (stored === undefined) throw imageGone(repository, digest);
  return JSON.parse(stored.body) as Manifest;
}

/** Of an index the image that ECS takes where it is told nothing else; attestations (`unknown`) are none. */
function ofPlatform({ manifests }: Manifest): Digest | undefined {
  const images = (manifests ?? []).filter(({ platform }) => platform?.os === "linux");
  const chosen = images.find(({ platform }) => platform?.architecture === "amd64") ?? images[0];
  return chosen?.digest !== undefined && isDigest(chosen.digest) ? chosen.digest : undefined;
}

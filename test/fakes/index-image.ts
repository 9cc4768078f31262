import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, digestOf } from "../../src/lib/image/digest.ts";

/** An index with all that it lists. */
export interface FakeIndex {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Manifests, configs and layers, by digest. */
  readonly blobs: Map<string, Buffer>;
}

interface Wanted {
  /** Its contents differ from those of every other text. */
  readonly text: string;
  /** `linux/amd64` by default, each an image of its own. */
  readonly platforms?: readonly string[];
  /** What all platforms have beside a layer of their own. */
  readonly shared?: Buffer;
}

const oci = "application/vnd.oci.image";

/** As BuildKit makes it: for each platform an image of two layers, and an attestation, which is no image. */
export function fakeIndex({
  text,
  platforms = ["linux/amd64"],
  shared = Buffer.from(`base of ${text}`),
}: Wanted): FakeIndex {
  const blobs: FakeIndex["blobs"] = new Map();
  const add = (contents: Buffer | string, mediaType: string) => {
    const bytes = Buffer.from(contents);
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const manifest = (config: object, layers: readonly object[]) =>
    add(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: `${oci}.manifest.v1+json`,
        config: add(JSON.stringify(config), `${oci}.config.v1+json`),
        layers,
      }),
      `${oci}.manifest.v1+json`,
    );
  const manifests = platforms.flatMap((platform) => {
    const [os = "", architecture = ""] = platform.split("/");
    const own = add(`${text} for ${platform}`, `${oci}.layer.v1.tar`);
    const image = manifest({ os, architecture, text }, [add(shared, `${oci}.layer.v1.tar`), own]);
    const statement = add(`statement on ${image.digest}`, "application/vnd.in-toto+json");
    const annotations = { "vnd.docker.reference.type": "attestation-manifest" };
    const attestation = manifest({ os: "unknown", architecture: "unknown", of: image.digest }, [statement]);
    return [
      { ...image, platform: { os, architecture } },
      { ...attestation, platform: { os: "unknown", architecture: "unknown" }, annotations },
    ];
  });
  const mediaType = `${oci}.index.v1+json`;
  // Indented, as BuildKit writes it: whoever re-serialises it gets another digest.
  const { digest } = add(JSON.stringify({ schemaVersion: 2, mediaType, manifests }, undefined, 2), mediaType);
  return { digest, mediaType, blobs };
}

/** Writes it as an OCI image layout, beside what is there already. */
export async function writeLayout(folder: string, { blobs }: Pick<FakeIndex, "blobs">): Promise<void> {
  await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
  for (const [digest, bytes] of blobs) await writeFile(join(folder, "blobs", ...digest.split(":")), bytes);
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}

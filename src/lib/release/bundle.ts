import { type Digest, digestOf } from "../image/digest.ts";
import { releaseAnnotations } from "./annotations.ts";
import { orderedMigrations } from "./migrations.ts";
import type { ImagePin, Release } from "./release.ts";
import { tarball, type TarEntry } from "./tar.ts";

/** A release as an OCI image, ready to upload: one tar layer, a config, and the manifest that names both. */
export interface Bundle {
  readonly layer: Uint8Array;
  readonly config: Uint8Array;
  readonly manifest: { readonly digest: Digest; readonly mediaType: string; readonly body: string };
}

/** By name in the layer: `compose.yml` and whatever else a host needs of this revision. */
export type BundleFiles = Readonly<Record<string, string | Omit<TarEntry, "name">>>;

export interface BundleContents {
  readonly release: Release;
  readonly files: BundleFiles;
  /** Of the four images, in docker's words (`amd64`): a plain `docker pull` asks for its own. */
  readonly architecture: string;
}

/** What an image may be built for, in docker's words, most likely first. */
export const architectures = ["amd64", "arm64", "arm", "386", "ppc64le", "riscv64", "s390x"] as const;

/** OCI image spec, media-types.md. The layer is not compressed: compressors differ between versions, tar does not. */
const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

/** Assembles the bundle. The same contents always give the same bytes and so the same digest, on every machine. */
export function assembleBundle({ release, files, architecture }: BundleContents): Bundle {
  const entries = Object.entries({ "release.json": releaseJson(release), ...files });
  const layer = tarball(
    entries.map(([name, file]) => ({ name, ...(typeof file === "string" ? { contents: file } : file) })),
  );
  return bundleAround(layer, { release, architecture });
}

/** The bundle of a release whose files are packed already. */
export function bundleAround(
  layer: Uint8Array,
  { release, architecture }: Pick<BundleContents, "release" | "architecture">,
): Bundle {
  const config = encode({
    created: release.committedAt,
    architecture,
    os: "linux",
    // Never run; docker create wants a command before docker cp can read the files.
    config: { Cmd: ["/release.json"], Labels: { "org.opencontainers.image.revision": release.revision } },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    history: [{ created: release.committedAt, created_by: "threads publish" }],
  });
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(mediaTypes.config, config),
    layers: [descriptor(mediaTypes.layer, layer)],
    annotations: releaseAnnotations(release),
  });
  return { layer, config, manifest: { digest: digestOf(body), mediaType: mediaTypes.manifest, body } };
}

/** The text of `release.json`, keys in a fixed order, for hosts and for people. */
export function releaseJson(release: Release): string {
  const { schema, app, revision, tree, committedAt, images, edge, requiredKeys, migrations } = release;
  const pin = ({ repository, digest }: ImagePin): ImagePin => ({ repository, digest });
  const pins = Object.fromEntries(Object.entries(images).map(([service, image]) => [service, pin(image)]));
  const ordered = {
    schema,
    app,
    revision,
    tree,
    committedAt,
    images: pins,
    ...(edge && { edge: pin(edge) }),
    ...(requiredKeys && { requiredKeys }),
    ...(migrations && { migrations: orderedMigrations(migrations) }),
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function descriptor(mediaType: string, bytes: Uint8Array): { mediaType: string; digest: Digest; size: number } {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

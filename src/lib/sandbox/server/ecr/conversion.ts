import type { ManifestType } from "./manifest.ts";

type Descriptor = { mediaType: string } & Readonly<Record<string, unknown>>;
interface ImageManifest {
  mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

const docker: ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
const oci: ManifestType = "application/vnd.oci.image.manifest.v1+json";

const toDocker: Readonly<Record<string, string>> = {
  [oci]: docker,
  "application/vnd.oci.image.config.v1+json": "application/vnd.docker.container.image.v1+json",
  "application/vnd.oci.image.layer.v1.tar+gzip": "application/vnd.docker.image.rootfs.diff.tar.gzip",
};
const toOci = Object.fromEntries(Object.entries(toDocker).map(([from, to]) => [to, from]));

/**
 * What ECR gives for a tag whose stored type the client does not accept: schema 2 and OCI manifests are rewritten into each other, and so have
 * another digest; nothing else is converted (ECR user guide, image manifest conversion; schema 1 is not offered here). Never used by digest.
 * @returns undefined where there is no conversion to an accepted type.
 */
export function convert(
  body: Buffer,
  stored: string,
  accepted: readonly string[],
): { readonly body: Buffer; readonly mediaType: ManifestType } | undefined {
  const [mediaType, table] = stored === oci ? ([docker, toDocker] as const) : ([oci, toOci] as const);
  if ((stored !== oci && stored !== docker) || !accepted.includes(mediaType)) return undefined;
  const manifest = JSON.parse(body.toString("utf8")) as ImageManifest;
  const rename = (descriptor: Descriptor): Descriptor => ({
    ...descriptor,
    mediaType: table[descriptor.mediaType] ?? descriptor.mediaType,
  });
  const converted = { ...manifest, mediaType, config: rename(manifest.config), layers: manifest.layers.map(rename) };
  return { body: Buffer.from(JSON.stringify(converted, undefined, 3)), mediaType };
}

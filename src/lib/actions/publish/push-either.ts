import type { Exported } from "../../docker/export.ts";
import { type LocalImage, mayBeIndex } from "../../docker/image.ts";
import type { Push } from "../../docker/push.ts";
import { type Digest, parseDigest } from "../../image/digest.ts";
import { printReference, type TaggedReference } from "../../image/reference.ts";
import { step } from "../../progress/progress.ts";
import { type ImageContents, readImage } from "../../registry/oci/layout.ts";
import { uploadImage } from "../../registry/oci/upload-image.ts";
import type { PushPorts } from "./ports.ts";

/** @returns the digest that the tag names now, and whether it is this push that gave it. */
export type PushEither = (
  image: Omit<Parameters<Push>[0], "to"> & { readonly to: TaggedReference },
) => Promise<{ readonly digest: Digest; readonly created: boolean }>;

/**
 * Two ways into the registry. Of docker's classic store an image goes by `docker push`. What may be an index (platforms,
 * attestations) is exported and uploaded by ourselves: docker 26 would push its parts to the release's own tag.
 * Docker's login is asked for only where docker pushes.
 */
export async function pushingBy<T>(
  what: { readonly names: readonly string[]; readonly local: ReadonlyMap<string, LocalImage> },
  ports: PushPorts,
  use: (push: PushEither) => Promise<T>,
): Promise<T> {
  const { docker, registry } = ports;
  const ours = digestsOfOurs(what);
  return docker.exporting(async (exported) => {
    // Before the first push, so that what docker does not have whole is refused while nothing is changed.
    const contents = ours.size === 0 ? new Map<string, ImageContents>() : await readAll(ours, exported, ports);
    const either = (push: Push): Promise<T> =>
      use(async (image) => {
        const own = contents.get(image.from);
        if (own === undefined) {
          const digest = await push({ ...image, to: printReference(image.to) });
          return { digest: parseDigest(digest), created: true };
        }
        const outcome = await uploadImage(ports, own, { ...image, ...image.to });
        return { digest: own.root.digest, created: outcome === "created" };
      });
    if (ours.size === what.names.length) return either(nothingToPush);
    return docker.signedIn(await registry.login(), ({ push }) => either(push));
  });
}

/** By name, what is uploaded by ourselves. */
function digestsOfOurs({ names, local }: Parameters<typeof pushingBy>[0]): ReadonlyMap<string, Digest> {
  const found = names.flatMap((name): [string, Digest][] => {
    const image = local.get(name);
    return image !== undefined && mayBeIndex(image) ? [[name, parseDigest(image.id)]] : [];
  });
  return new Map(found);
}

async function readAll(
  ours: ReadonlyMap<string, Digest>,
  exported: Exported,
  { progress }: Pick<PushPorts, "progress">,
): Promise<ReadonlyMap<string, ImageContents>> {
  return step(progress, "Export the images from docker", async () => {
    const folder = await exported([...ours.keys()]);
    const read = [...ours].map(async ([name, digest]) => [name, await readImage(folder, digest, name)] as const);
    return new Map(await Promise.all(read));
  });
}

const nothingToPush: Push = ({ from }) => Promise.reject(new Error(`${from} is not docker's to push`));

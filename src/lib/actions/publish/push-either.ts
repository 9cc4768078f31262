import { type Digest, parseDigest } from "../../image/digest.ts";
import { step } from "../../progress/progress.ts";
import type { Exported, LocalImage, Push } from "../../registry/docker-push.ts";
import { type IndexContents, readIndex } from "../../registry/oci-layout.ts";
import { pushIndex } from "../../registry/push-index.ts";
import type { PushPorts } from "./push-all.ts";

/** @returns the digest that the tag names now, and whether it is this push that gave it. */
export type PushEither = (
  image: Parameters<Push>[0],
) => Promise<{ readonly digest: Digest; readonly created: boolean }>;

/**
 * Two ways into the registry. One image goes by `docker push`, which is the same from both of docker's stores. An index
 * (platforms, attestations) is exported and uploaded by ourselves: docker 26 would push its parts to the release's own tag.
 * Docker's login is asked for only where docker pushes.
 */
export async function pushingBy<T>(
  what: { readonly names: readonly string[]; readonly local: ReadonlyMap<string, LocalImage> },
  ports: PushPorts,
  use: (push: PushEither) => Promise<T>,
): Promise<T> {
  const { docker, registry } = ports;
  const indexes = await indexesAmong(what, docker);
  return docker.exporting(async (exported) => {
    // Before the first push, so that what docker does not have whole is refused while nothing is changed.
    const contents = indexes.size === 0 ? new Map<string, IndexContents>() : await readAll(indexes, exported, ports);
    const either = (push: Push): Promise<T> =>
      use(async (image) => {
        const index = contents.get(image.from);
        if (index === undefined) return { digest: await push(image), created: true };
        const outcome = await pushIndex(ports, index, { ...image, ...image.to });
        return { digest: index.index.digest, created: outcome === "created" };
      });
    if (indexes.size === what.names.length) return either(nothingToPush);
    return docker.signedIn(await registry.login(), ({ push }) => either(push));
  });
}

async function readAll(
  indexes: ReadonlyMap<string, Digest>,
  exported: Exported,
  { progress }: Pick<PushPorts, "progress">,
): Promise<ReadonlyMap<string, IndexContents>> {
  return step(progress, "Export the images from docker", async () => {
    const folder = await exported([...indexes.keys()]);
    const read = [...indexes].map(async ([name, digest]) => [name, await readIndex(folder, digest, name)] as const);
    return new Map(await Promise.all(read));
  });
}

const nothingToPush: Push = ({ from }) => Promise.reject(new Error(`${from} is an index`));

/** Those of the names that are indexes, with the digest of each. */
async function indexesAmong(
  { names, local }: { readonly names: readonly string[]; readonly local: ReadonlyMap<string, LocalImage> },
  docker: PushPorts["docker"],
): Promise<ReadonlyMap<string, Digest>> {
  const judged = await Promise.all(
    names.map(async (name): Promise<[string, Digest][]> => {
      const image = local.get(name);
      if (image === undefined || !(await docker.isIndex(name, image))) return [];
      return [[name, parseDigest(image.id)]];
    }),
  );
  return new Map(judged.flat());
}

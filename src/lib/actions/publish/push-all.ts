import type { LocalImage } from "../../docker/image.ts";
import type { Code } from "../../errors/codes.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type Digest, shortDigest } from "../../image/digest.ts";
import type { Task } from "../../progress/progress.ts";
import { uploadLabel } from "../../registry/bundle.ts";
import { readBack } from "../../registry/read-back.ts";
import { type ImageToPublish, isSame, type PlannedImage } from "./plan.ts";
import type { PushPorts } from "./ports.ts";
import { type PushEither, pushingBy } from "./push-either.ts";

/** An image that is in the registry now. */
export interface PushedImage extends PlannedImage {
  readonly digest: Digest;
  /** By this run, and not by somebody else meanwhile. */
  readonly pushed: boolean;
}

interface ToPush {
  readonly images: readonly ImageToPublish[];
  /** By local name. */
  readonly local: ReadonlyMap<string, LocalImage>;
}

/**
 * Pushes what is missing, all at once: docker shares its connections and its compression between the pushes. Each goes up under a
 * name of its own (uploadLabel): until all are there, and known to belong together, none has the tag of the commit.
 */
export async function pushAll({ images, local }: ToPush, ports: PushPorts): Promise<PushedImage[]> {
  const missing = images.filter(({ action }) => action === "push");
  if (missing.length === 0) return images.map(present);
  const names = missing.map(({ from }) => from);
  const pushed = await pushingBy({ names, local }, ports, (push) =>
    ports.progress.tasks(
      missing.map((image) => pushTask({ image, local }, push, ports)),
      { concurrent: true },
    ),
  );
  // In the order of the configuration, whatever was pushed first: the bundle's bytes depend on it.
  return images.map((image) => pushed.find(({ service }) => service === image.service) ?? present(image));
}

/** What was there before has its digest from there. */
function present(image: PlannedImage): PushedImage {
  return { ...image, digest: image.digest as Digest, pushed: false };
}

interface OneToPush {
  readonly image: ImageToPublish;
  readonly local: ReadonlyMap<string, LocalImage>;
}

function pushTask({ image, local }: OneToPush, push: PushEither, ports: PushPorts): Task<PushedImage> {
  const { service, repository, from } = image;
  const { registry } = ports;
  const { host } = registry;
  return {
    title: `Push ${service}`,
    run: async (task) => {
      const here = local.get(from);
      if (here === undefined) throw new Error(`${from} was planned without an image`);
      const tag = ports.repo.tagFor(service, uploadLabel(here.id));
      // An earlier run may have brought it there, or another commit with the same image. Looking changes nothing.
      const there = await registry.find(repository, tag);
      return ports.write(service, async () => {
        if (there !== undefined && isSame(here, there, { host, repository })) {
          task.done(`Present ${service} ${shortDigest(there.digest)}`);
          return { ...image, digest: there.digest, pushed: false };
        }
        try {
          const to = { host, repository, tag };
          const { digest, created } = await push({ from, to, onProgress: (text) => task.update(text) });
          // Docker's word is not enough: what counts is what the registry will give under this tag.
          await readBack(ports, { repository, tag, digest });
          task.done(`${created ? "Pushed" : "Present"} ${service} ${shortDigest(digest)}`);
          return { ...image, digest, pushed: created };
        } catch (error) {
          const digest = await thereAnyway({ error, image: here, repository, tag }, ports);
          task.done(`Present ${service} ${shortDigest(digest)}`);
          // Only a tag that was refused was somebody else's; after a lost reply it was most likely this push.
          return { ...image, digest, pushed: (error as ThreadsError).code !== "TAG_CONFLICT" };
        }
      });
    },
  };
}

/**
 * A push that failed may have arrived: its last reply was lost, or another process pushed the same image a moment before,
 * which an immutable repository refuses like any other (containers-roadmap#2179). The very image that lies here is success.
 */
async function thereAnyway(
  failed: {
    readonly error: unknown;
    readonly image: LocalImage;
    readonly repository: string;
    readonly tag: string;
  },
  { registry, signal }: PushPorts,
): Promise<Digest> {
  const { error, image, repository, tag } = failed;
  signal.throwIfAborted();
  if (!(error instanceof ThreadsError) || !mayHaveArrived.has(error.code)) throw error;
  // A registry that does not answer now either has nothing to add to the first failure.
  const tagged = await registry.find(repository, tag).catch(() => undefined);
  if (tagged === undefined || !isSame(image, tagged, { host: registry.host, repository })) throw error;
  return tagged.digest;
}

const mayHaveArrived = new Set<Code>(["TAG_CONFLICT", "PUSH_FAILED"]);

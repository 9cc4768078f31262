import type { Clock } from "../../clock/clock.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { EcrConnection } from "./call.ts";
import { uploadLost } from "./upload.ts";
import { imageGone } from "../image-gone.ts";
import { readBack, tagConflict } from "../read-back.ts";
import type { Registry, StoredManifest } from "../registry.ts";

interface Writing extends EcrConnection, Pick<Registry, "find"> {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Waits until one more PutImage fits into the quota. */
  turn(): Promise<void>;
}

interface Target {
  readonly repository: string;
  readonly manifest: StoredManifest;
  readonly tag: string;
  /** The caller has just looked. */
  readonly absent: boolean;
}

/** Create-if-absent, also where the repository is mutable: Registry.tag's contract. */
export async function putTag(ecr: Writing, target: Target): Promise<"created" | "present"> {
  // A round trip of its own: a mutable repository would let PutImage move somebody else's tag.
  if (!target.absent && (await held(ecr, target)) === "equal") return "present";
  await ecr.turn();
  const incomplete = (error: Error) => imageGone(target.repository, target.manifest.digest, error);
  // Looked at before it is put again: in a mutable repository somebody else's tag may have come meanwhile.
  const ifLost = () => created(ecr, target);
  const outcome = await put(ecr, { ...target, incomplete, ifLost });
  if (outcome === "created") return outcome;
  await confirm(ecr, target);
  return outcome === "exists-after-retry" ? "created" : "present";
}

/** Registry.store's contract. Immutability concerns tags only: what has the digest already is this very manifest. */
export async function storeManifest(
  ecr: Writing,
  { repository, manifest }: Pick<Target, "repository" | "manifest">,
): Promise<void> {
  await ecr.turn();
  const incomplete = (error: Error) => uploadLost(manifest.digest, repository, error);
  const ifLost = async () => ((await ecr.find(repository, manifest.digest)) === undefined ? undefined : "created");
  await put(ecr, { repository, manifest, incomplete, ifLost });
}

/** @returns whether the tag is there. @throws ThreadsError TAG_CONFLICT where it names something else. */
async function held({ find }: Writing, { repository, manifest, tag }: Target): Promise<"equal" | "absent"> {
  const image = await find(repository, tag);
  if (image === undefined) return "absent";
  if (image.digest === manifest.digest) return "equal";
  throw tagConflict({ repository, tag, there: image.digest, wanted: manifest.digest });
}

type Put = "created" | "exists" | "exists-after-retry";

interface ToPut {
  readonly repository: string;
  readonly manifest: StoredManifest;
  readonly tag?: string;
  /** What it means that layers or children are missing. */
  readonly incomplete: (error: Error) => ThreadsError;
  /** Whether it was put although nothing was heard of it. */
  readonly ifLost: () => Promise<"created" | undefined>;
}

function put(ecr: EcrConnection, { repository, manifest, tag, incomplete, ifLost }: ToPut): Promise<Put> {
  const input = {
    registryId: ecr.registryId,
    repositoryName: repository,
    ...(tag === undefined ? {} : { imageTag: tag }),
    imageManifest: manifest.body,
    imageManifestMediaType: manifest.mediaType,
    imageDigest: manifest.digest,
  };
  const gone = (error: Error): never => {
    throw incomplete(error);
  };
  return ecr.call<Put>({
    doing: tag === undefined ? `putting ${manifest.digest} into ${repository}` : `tagging ${repository}:${tag}`,
    repository,
    send: async (client, sdk, options) => {
      await client.send(new sdk.PutImageCommand(input), options);
      return "created";
    },
    answers: {
      // Both are thrown for an equal digest too (containers-roadmap#2179): only reading the tag again tells.
      ImageAlreadyExistsException: exists,
      ImageTagAlreadyExistsException: exists,
      LayersNotFoundException: gone,
      ReferencedImagesNotFoundException: gone,
    },
    ifLost,
  });
}

/** After a retry it was most likely our own first try, whose reply was lost. */
function exists(_: Error, mayBeTaken: boolean): Put {
  return mayBeTaken ? "exists-after-retry" : "exists";
}

/** Somebody was faster, or our first try's reply was lost: equal is success, anything else a conflict. */
function confirm(ecr: Writing, { repository, manifest, tag }: Target): Promise<void> {
  return readBack({ ...ecr, registry: ecr }, { repository, tag, digest: manifest.digest });
}

/** @returns undefined where the tag is not there. @throws ThreadsError OUTCOME_UNKNOWN where that cannot be found out */
async function created(ecr: Writing, target: Target): Promise<"created" | undefined> {
  try {
    return (await held(ecr, target)) === "equal" ? "created" : undefined;
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome !== "refused") throw error;
    throw new ThreadsError("OUTCOME_UNKNOWN", {
      message: `no reply to tagging ${target.repository}:${target.tag}, and none to asking whether it is there`,
      advice: ["run the same command again: it goes on where this one stopped"],
      cause: error,
    });
  }
}

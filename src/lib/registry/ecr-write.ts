import type { Clock } from "../clock/clock.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { EcrConnection } from "./ecr-call.ts";
import { readImage } from "./ecr-read.ts";
import { readBack, tagConflict } from "./read-back.ts";
import type { StoredManifest } from "./registry.ts";

interface Writing extends EcrConnection {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Waits until one more PutImage fits into the quota. */
  turn(): Promise<void>;
}

interface Target {
  readonly repository: string;
  readonly manifest: StoredManifest;
  readonly tag: string;
}

/** Create-if-absent, also where the repository is mutable: Registry.tag's contract. */
export async function putTag(ecr: Writing, target: Target): Promise<"created" | "present"> {
  if ((await held(ecr, target)) === "equal") return "present";
  await ecr.turn();
  try {
    return (await put(ecr, target)) === "created" ? "created" : await afterExists(ecr, target);
  } catch (error) {
    if (!isLostReply(error)) throw error;
    return afterLostReply(ecr, target, error);
  }
}

/** @returns whether the tag is there. @throws ThreadsError TAG_CONFLICT where it names something else. */
async function held(ecr: EcrConnection, { repository, manifest, tag }: Target): Promise<"equal" | "absent"> {
  const { image } = await readImage(ecr, repository, tag);
  if (image === undefined) return "absent";
  if (image.digest === manifest.digest) return "equal";
  throw tagConflict({ repository, tag, there: image.digest, wanted: manifest.digest });
}

function put(ecr: EcrConnection, { repository, manifest, tag }: Target): Promise<"created" | "exists"> {
  const input = {
    registryId: ecr.registryId,
    repositoryName: repository,
    imageTag: tag,
    imageManifest: manifest.body,
    imageManifestMediaType: manifest.mediaType,
    imageDigest: manifest.digest,
  };
  return ecr.call<"created" | "exists">({
    doing: `tagging ${repository}:${tag}`,
    repository,
    send: async (client, sdk, options) => {
      await client.send(new sdk.PutImageCommand(input), options);
      return "created";
    },
    // Both are thrown for an equal digest too (containers-roadmap#2179): only reading the tag again tells.
    answers: { ImageAlreadyExistsException: () => "exists", ImageTagAlreadyExistsException: () => "exists" },
  });
}

/** Somebody was faster, or our first try's reply was lost: equal is success, anything else a conflict. */
async function afterExists(ecr: Writing, { repository, manifest, tag }: Target): Promise<"present"> {
  const find = async (name: string, reference: string) => (await readImage(ecr, name, reference)).image;
  await readBack({ ...ecr, registry: { find } }, { repository, tag, digest: manifest.digest });
  return "present";
}

async function afterLostReply(ecr: EcrConnection, target: Target, lost: ThreadsError): Promise<"created"> {
  const now = await held(ecr, target).catch((error: unknown) =>
    isLostReply(error) ? "unknown" : Promise.reject(error),
  );
  if (now === "equal") return "created";
  if (now === "absent") throw lost;
  throw new ThreadsError("unknown", {
    code: "OUTCOME_UNKNOWN",
    message: `no reply to tagging ${target.repository}:${target.tag}, and none to asking whether it is there`,
    next: ["run the same command again: it goes on where this one stopped"],
    cause: lost,
  });
}

/** Failures after which the write may have happened. */
function isLostReply(error: unknown): error is ThreadsError {
  return error instanceof ThreadsError && (error.code === "AWS_UNREACHABLE" || error.code === "AWS_FAILURE");
}

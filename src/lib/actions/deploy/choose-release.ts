import type { EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Progress } from "../../progress/progress.ts";
import { tagConflict } from "../../registry/read-back.ts";
import type { Registry } from "../../registry/registry.ts";
import { whileChecking } from "../../registry/while-checking.ts";
import { promotedTag, type PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease, type ResolvePorts } from "../resolve/resolve-release.ts";

export interface ChoicePorts extends ResolvePorts {
  readonly registry: Pick<Registry, "find" | "findMany">;
  readonly progress: Pick<Progress, "note" | "warn">;
}

/**
 * The release to deploy: what the name means (see resolveRelease), HEAD where none is given. Where the environment wants
 * a promotion, that very release must carry its tag. Every image must still be there.
 * @throws ThreadsError what resolveRelease throws; NOT_PROMOTED, IMAGE_GONE (refused); TAG_CONFLICT
 */
export async function chooseRelease(
  wanted: { readonly environment: EnvironmentConfig; readonly release: string | undefined },
  ports: ChoicePorts,
): Promise<PublishedRelease> {
  const { environment, release: ref } = wanted;
  const again = (revision: string): string => `threads deploy -e ${environment.name} ${revision}`;
  const { published, says, warnings } = await resolveRelease({ ref, again }, ports);
  ports.progress.note(says);
  for (const warning of warnings) ports.progress.warn(warning);
  await whileChecking(
    () => requirePromoted(published, environment, ports),
    () => requireImages(published, ports.registry),
  );
  return published;
}

async function requirePromoted(
  { release, digest, repository }: PublishedRelease,
  environment: EnvironmentConfig,
  { registry, repo, config }: Pick<ChoicePorts, "registry" | "repo" | "config">,
): Promise<void> {
  if (!environment.requiresPromotion) return;
  const tag = repo.tagFor(config.registry.bundle, promotedTag(environment.name, release.revision));
  const promoted = await registry.find(repository, tag);
  if (promoted === undefined)
    throw new ThreadsError("refused", {
      code: "NOT_PROMOTED",
      message: `${shortRevision(release.revision)} is published but not promoted to ${environment.name}`,
      next: [`threads promote ${release.revision}`],
    });
  // Only in a mutable repository: somebody moved one of the two tags, and nobody knows which is meant.
  if (promoted.digest !== digest) throw tagConflict({ repository, tag, there: promoted.digest, wanted: digest });
}

/** A lifecycle rule may have taken an image of an old release. */
async function requireImages({ release }: PublishedRelease, registry: Pick<Registry, "find">): Promise<void> {
  const found = await Promise.all(
    Object.entries(release.images).map(async ([service, pin]) => ({
      service,
      there: (await registry.find(pin.repository, pin.digest)) !== undefined,
    })),
  );
  const gone = found.filter((image) => !image.there).map((image) => image.service);
  if (gone.length === 0) return;
  throw new ThreadsError("refused", {
    code: "IMAGE_GONE",
    message: `the registry no longer has ${gone.join(", ")} of release ${shortRevision(release.revision)}`,
    next: ["threads publish", "aws ecr get-lifecycle-policy"],
  });
}

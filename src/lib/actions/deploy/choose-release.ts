import type { EnvironmentConfig } from "../../config/config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Progress } from "../../progress/progress.ts";
import { imagesGone } from "../../registry/image-gone.ts";
import { tagConflict } from "../../registry/read-back.ts";
import type { Registry } from "../../registry/registry.ts";
import { both } from "../../progress/both.ts";
import { promotedTag, type PublishedRelease, pulledImages } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease } from "../../resolve/resolve-release.ts";
import type { ResolvePorts } from "../../resolve/types.ts";
import { notPromoted } from "../../gates/not-promoted.ts";

export interface ChoicePorts extends ResolvePorts {
  readonly registry: Pick<Registry, "find" | "findMany">;
  readonly ledger: ResolvePorts["ledger"] & Pick<Ledger, "isPromoted">;
  readonly progress: Pick<Progress, "note" | "warn">;
}

/**
 * The release to deploy: what the name means (see resolveRelease), HEAD where none is given. Where the environment wants
 * a promotion, the ledger must know of that of this very release, and the release carry its tag: whoever may push can
 * tag, so that the tag alone proves nothing. Every image must still be there.
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
  await both(
    () => requirePromoted(published, environment, ports),
    () => requireImages(published, environment, ports.registry),
  );
  return published;
}

async function requirePromoted(
  { release, digest, repository }: PublishedRelease,
  environment: EnvironmentConfig,
  { registry, ledger, repo, config }: Pick<ChoicePorts, "registry" | "ledger" | "repo" | "config">,
): Promise<void> {
  if (!environment.requiresPromotion) return;
  const { name } = environment;
  const { revision } = release;
  const tag = repo.tagFor(config.registry.bundle, promotedTag(name, revision));
  const [tagged, isRecorded] = await Promise.all([
    registry.find(repository, tag),
    ledger.isPromoted({ environment: name, revision, bundle: digest }),
  ]);
  // Only in a mutable repository: somebody moved one of the two tags, and nobody knows which is meant.
  if (tagged !== undefined && tagged.digest !== digest)
    throw tagConflict({ repository, tag, there: tagged.digest, wanted: digest });
  const short = shortRevision(revision);
  if (tagged === undefined)
    throw notPromoted(
      { environment: name, revision },
      isRecorded
        ? `the promotion of ${short} to ${name} stopped before its last tag`
        : `${short} is published but not promoted to ${name}`,
    );
  if (!isRecorded)
    throw notPromoted(
      { environment: name, revision },
      `${short} has the tag ${tag}, but the ledger knows of no promotion to ${name}: a tag is no authorisation`,
    );
}

/** A lifecycle rule may have taken an image of an old release. */
async function requireImages(
  { release }: PublishedRelease,
  { name }: EnvironmentConfig,
  registry: Pick<Registry, "find">,
): Promise<void> {
  const found = await Promise.all(
    Object.entries(pulledImages(release)).map(async ([service, pin]) => ({
      service,
      repository: pin.repository,
      there: (await registry.find(pin.repository, pin.digest)) !== undefined,
    })),
  );
  const gone = found.filter(({ there }) => !there);
  if (gone.length === 0) return;
  throw imagesGone({ revision: release.revision, images: gone }, `threads history -e ${name}`);
}

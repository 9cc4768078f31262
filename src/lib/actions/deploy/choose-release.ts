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
import { requireProvenance } from "../../gates/judge-provenance.ts";
import type { CheckProvenance } from "../../provenance/provenance.ts";

export interface ChoicePorts extends ResolvePorts {
  readonly registry: Pick<Registry, "find" | "findMany">;
  readonly ledger: ResolvePorts["ledger"] & Pick<Ledger, "isPromoted">;
  readonly provenance: CheckProvenance;
  readonly progress: Pick<Progress, "note" | "warn">;
}

interface Wanted {
  readonly environment: EnvironmentConfig;
  readonly release: string | undefined;
  /** Take a bundle that nobody here can compare with git, where the environment has no gates. */
  readonly unverified: boolean;
}

/**
 * The release to deploy: what the name means (see resolveRelease), HEAD where none is given. Where the environment wants
 * a promotion, the ledger must know of that of this very release, and the release carry its tag: whoever may push can
 * tag, so that the tag alone proves nothing. Every image must still be there, and the bundle be what git has at its commit.
 * @throws ThreadsError what resolveRelease throws; NOT_PROMOTED, IMAGE_GONE, BUNDLE_DIFFERS, SOURCES_UNKNOWN (refused); TAG_CONFLICT
 */
export async function chooseRelease(wanted: Wanted, ports: ChoicePorts): Promise<PublishedRelease> {
  const { environment, release: ref } = wanted;
  const again = (revision: string): string => `threads deploy -e ${environment.name} ${revision}`;
  const { published, says, warnings } = await resolveRelease({ ref, again }, ports);
  ports.progress.note(says);
  for (const warning of warnings) ports.progress.warn(warning);
  await both(
    () => requirePromoted(published, environment, ports),
    () =>
      both(
        () => requireImages(published, environment, ports.registry),
        () => requireSources(published, wanted, ports),
      ),
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

/**
 * A machine without the repository, or without compose, cannot compare: there a promotion that has compared is as good, and
 * where the environment wants none, whoever says so may go on.
 */
async function requireSources(
  published: PublishedRelease,
  { environment: { name, requiresPromotion }, unverified }: Wanted,
  { provenance: check, ledger, progress }: Pick<ChoicePorts, "provenance" | "ledger" | "progress">,
): Promise<void> {
  const provenance = await check(published);
  if (provenance.state !== "unknown") return requireProvenance(published, provenance);
  const { release, digest } = published;
  const short = shortRevision(release.revision);
  const { message } = provenance.why;
  if (!requiresPromotion && unverified)
    return progress.warn(`nobody has compared the bundle of ${short} with git: ${message}`);
  const promoted = { environment: name, revision: release.revision, bundle: digest };
  if (requiresPromotion && (await ledger.isPromoted(promoted, { compared: true })))
    return progress.note(
      `the bundle of ${short} was compared with git when it was promoted; here it cannot be: ${message}`,
    );
  const promote = `threads promote ${release.revision} -e ${name}`;
  requireProvenance(published, provenance, {
    next: requiresPromotion ? [promote] : [`threads deploy -e ${name} ${release.revision} --unverified`],
    advice: requiresPromotion ? ["promote it where there is the repository: that compares, and is enough here"] : [],
  });
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

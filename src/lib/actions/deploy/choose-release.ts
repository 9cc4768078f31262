import type { EnvironmentConfig } from "../../config/config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type Policy, policyText, type Ruling } from "../../ledger/policy.ts";
import type { Progress } from "../../progress/progress.ts";
import { imagesGone } from "../../registry/image-gone.ts";
import { tagConflict } from "../../registry/read-back.ts";
import type { Registry } from "../../registry/registry.ts";
import { both } from "../../progress/both.ts";
import { promotedTag, type PublishedRelease, pulledImages } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease } from "../../resolve/resolve-release.ts";
import type { ResolvePorts } from "../../resolve/types.ts";
import { gatesAsked } from "../../gates/asks.ts";
import { notPromoted } from "../../gates/not-promoted.ts";
import { requireProvenance } from "../../gates/judge-provenance.ts";
import { governed } from "../../gates/stricter.ts";
import type { CheckProvenance } from "../../provenance/provenance.ts";
import { list } from "../../text/words.ts";

export interface ChoicePorts extends ResolvePorts {
  readonly registry: Pick<Registry, "find" | "findMany">;
  readonly ledger: ResolvePorts["ledger"] & Pick<Ledger, "isPromoted">;
  readonly provenance: CheckProvenance;
  readonly progress: Pick<Progress, "note" | "warn">;
}

interface Wanted {
  /** As threads.yml has it. */
  readonly environment: EnvironmentConfig;
  /** What the ledger says of it, asked for already: where a policy is pushed, threads.yml alone decides nothing. */
  readonly ruling: Promise<Pick<Ruling, "policy">>;
  readonly release: string | undefined;
  /** Take a bundle that nobody here can compare with git, where the environment has no gates. */
  readonly unverified: boolean;
}

/**
 * The release to deploy: what the name means (see resolveRelease), HEAD where none is given. Where the environment wants
 * a promotion, the ledger must know of that of this very release, and the release carry its tag: whoever may push can
 * tag, so that the tag alone proves nothing; of a policy, the promotion must have passed every gate. Every image must still be there, and the bundle be what git has at its commit.
 * @throws ThreadsError what resolveRelease throws; NOT_PROMOTED, IMAGE_GONE, BUNDLE_DIFFERS, SOURCES_UNKNOWN (refused); TAG_CONFLICT
 */
export async function chooseRelease(wanted: Wanted, ports: ChoicePorts): Promise<PublishedRelease> {
  const { release: ref, unverified } = wanted;
  const again = (revision: string): string => `threads deploy -e ${wanted.environment.name} ${revision}`;
  const [{ published, says, warnings }, { policy }] = await Promise.all([
    resolveRelease({ ref, again }, ports),
    wanted.ruling,
  ]);
  ports.progress.note(says);
  for (const warning of warnings) ports.progress.warn(warning);
  const under = { environment: governed(wanted.environment, policy), own: wanted.environment, policy, unverified };
  await both(
    () => requirePromoted(published, under, ports),
    () =>
      both(
        () => requireImages(published, wanted.environment, ports.registry),
        () => requireSources(published, under, ports),
      ),
  );
  return published;
}

/** By what a release is chosen: the environment as it is to be judged, and as threads.yml has it. */
interface Under extends Pick<Wanted, "environment" | "unverified"> {
  readonly own: EnvironmentConfig;
  readonly policy: Policy | undefined;
}

async function requirePromoted(
  { release, digest, repository }: PublishedRelease,
  { environment, own, policy }: Under,
  { registry, ledger, repo, config }: Pick<ChoicePorts, "registry" | "ledger" | "repo" | "config">,
): Promise<void> {
  if (!environment.requiresPromotion) return;
  const { name } = environment;
  const { revision } = release;
  const tag = repo.tagFor(config.registry.bundle, promotedTag(name, revision));
  const promoted = { environment: name, revision, bundle: digest };
  const gates = gatesAsked(policy);
  const [tagged, isRecorded] = await Promise.all([
    registry.find(repository, tag),
    ledger.isPromoted(promoted, { gates }),
  ]);
  // Only in a mutable repository: somebody moved one of the two tags, and nobody knows which is meant.
  if (tagged !== undefined && tagged.digest !== digest)
    throw tagConflict({ repository, tag, there: tagged.digest, wanted: digest });
  const refuse = (message: string): Error =>
    notPromoted({ environment: name, revision }, `${message}${asWhose(own, policy)}`);
  const short = shortRevision(revision);
  if (tagged === undefined)
    throw refuse(
      isRecorded
        ? `the promotion of ${short} to ${name} stopped before its last tag`
        : `${short} is published but not promoted to ${name}`,
    );
  if (isRecorded) return;
  if (policy !== undefined && gates.length > 0 && (await ledger.isPromoted(promoted)))
    throw notPromoted(
      { environment: name, revision },
      `${short} was promoted to ${name} without all gates of ${policyText(policy)}: ${list(gates)}`,
    );
  throw refuse(
    `${short} has the tag ${tag}, but the ledger knows of no promotion to ${name}: a tag is no authorisation`,
  );
}

/** Whose word it is that only promoted releases run there, where it is not that of threads.yml. */
function asWhose({ name, requiresPromotion }: EnvironmentConfig, policy: Policy | undefined): string {
  if (requiresPromotion || policy === undefined) return "";
  return `; by ${policyText(policy)} ${name} takes promoted releases only, though threads.yml has no gates for it`;
}

/**
 * A machine without the repository, or without compose, cannot compare: there a promotion that has compared is as good, and
 * where the environment wants none, whoever says so may go on.
 */
async function requireSources(
  published: PublishedRelease,
  { environment: { name, requiresPromotion }, unverified }: Under,
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

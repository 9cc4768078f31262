import type { SigningConfig } from "../../config/config.ts";
import type { Code } from "../../errors/codes.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { undertake } from "../../errors/undertaking.ts";
import { requireProvenance } from "../../gates/judge-provenance.ts";
import type { LocalImage } from "../../docker/image.ts";
import { type Digest, shortDigest } from "../../image/digest.ts";
import { step } from "../../progress/progress.ts";
import { publishedRelease } from "../../registry/bundle.ts";
import { imageGone } from "../../registry/image-gone.ts";
import type { StoredManifest } from "../../registry/registry.ts";
import { type PublishedRelease, pulledImages, type Release } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Head } from "../../source/source.ts";
import { list } from "../../text/words.ts";
import { bundlePlace } from "./bundle-place.ts";
import { commit } from "./commit.ts";
import { type Compared, compareElsewhere, compareImages, differences, mayHaveMoved } from "./compared.ts";
import { statesOf } from "./look.ts";
import { migrationsDiffer } from "./own-migrations.ts";
import { type PlannedImage, planPublished, type RegistryState } from "./plan.ts";
import type { PublishPorts } from "./ports.ts";
import { type Asked, publishLine } from "./publish-line.ts";
import type { ReleaseModel } from "./release-model.ts";
import type { PublishResult } from "./result.ts";
import { planSignatures, signRelease } from "./sign.ts";
import { smokeOther } from "./smoke-other.ts";
import { finishing } from "./undertakings.ts";
import { describeLine } from "../../registry/describe-line.ts";

/** A release that somebody has begun to publish: all of it is in the registry, and no tag of the commit names it yet. */
export interface Unfinished {
  readonly begun: PublishedRelease;
  readonly manifest: StoredManifest;
  /** With the images that smoke has tagged here. */
  readonly compared: Compared;
  /** Whether it has other images than this machine, which may go on with its own. */
  readonly isOther: boolean;
}

/** What lies begun in the registry, beside what is here. @throws ThreadsError FOREIGN_IMAGES (conflict) where it is none of this commit's */
export async function readUnfinished(head: Head, manifest: StoredManifest, ports: PublishPorts): Promise<Unfinished> {
  const begun = readBegun(head, manifest, ports);
  const compared = await compareImages(begun, ports);
  return { begun, manifest, compared, isOther: compared.different.length + compared.missing.length > 0 };
}

/** The tag is anybody's who may push: what is no release of this commit is in the way, and nobody's to finish. */
const notBegun: ReadonlySet<Code> = new Set<Code>([
  "NOT_A_BUNDLE",
  "BUNDLE_MISMATCH",
  "FOREIGN_PINS",
  "ANOTHER_LAYOUT",
]);

function readBegun(head: Head, manifest: StoredManifest, ports: PublishPorts): PublishedRelease {
  const { repo, config } = ports;
  const { repository } = bundlePlace(head, ports);
  const { revision: label, tree } = head;
  try {
    return publishedRelease({ repo, config, manifest, repository, label, tree });
  } catch (error) {
    if (!(error instanceof ThreadsError) || !notBegun.has(error.code)) throw error;
    const details = [error.message, ...error.details];
    throw notOfThisCommit(head, { digest: manifest.digest, details, cause: error }, ports);
  }
}

function notOfThisCommit(
  head: Head,
  why: { readonly digest: Digest; readonly details: readonly string[]; readonly cause?: ThreadsError },
  ports: PublishPorts,
): ThreadsError {
  const { repository, begunTag } = bundlePlace(head, ports);
  const { digest, ...rest } = why;
  return new ThreadsError("FOREIGN_IMAGES", {
    message: `what ${repository}:${begunTag} names is no unfinished publish of ${shortRevision(head.revision)}`,
    ...rest,
    next: [
      describeLine({ repository, digest }),
      `aws ecr batch-delete-image --repository-name ${repository} --image-ids imageTag=${begunTag}`,
    ],
    advice: ["find out who pushed it; once its tag is gone, threads publish goes on"],
  });
}

/** What this machine would have begun, as far as it is known before anything is pushed. */
interface Mine extends Pick<ReleaseModel, "elsewhere"> {
  readonly head: Head;
  readonly asked: Asked;
  /** By name, and by reference. */
  readonly local: ReadonlyMap<string, LocalImage>;
}

/**
 * Before this machine goes on with a release whose images are its own: all else that the bundle says has to be what it would say
 * itself. @throws ThreadsError FOREIGN_IMAGES (conflict) with how the two differ
 */
export async function requireOwnRelease(unfinished: Unfinished, mine: Mine, ports: PublishPorts): Promise<void> {
  const { begun } = unfinished;
  const provenance = await ports.provenance(begun);
  if (provenance.state === "different")
    throw notOfThisCommit(mine.head, { digest: begun.digest, details: provenance.differences }, ports);
  const { different } = await compareElsewhere(begun, mine, ports);
  if (different.length > 0) throw otherUnfinished({ begun, compared: { different, missing: [] } }, mine.asked);
}

/** The same for what its image says of migrations, once it was asked. @throws ThreadsError FOREIGN_IMAGES (conflict) */
export function requireListed(
  { begun }: Unfinished,
  { said, head }: { readonly said: Release["migrations"] | undefined; readonly head: Head },
  ports: PublishPorts,
): void {
  const details = migrationsDiffer(begun, said);
  if (details.length > 0) throw notOfThisCommit(head, { digest: begun.digest, details }, ports);
}

/** Refuses to publish beside it. @param here the bundle that this machine would have begun, where it came so far */
export function otherUnfinished(
  { begun, compared }: Pick<Unfinished, "begun" | "compared">,
  asked: Asked,
  here?: StoredManifest,
): ThreadsError {
  const { different, missing } = compared;
  return new ThreadsError("FOREIGN_IMAGES", {
    message: `an unfinished publish of another build of ${shortRevision(begun.release.revision)} is in the registry`,
    details: [
      ...differences(different),
      ...(missing.length === 0 ? [] : [`this machine has not smoked ${list(missing)}, and cannot compare`]),
      ...(here === undefined ? [] : [`the bundle is ${begun.digest} there, and ${here.digest} here`]),
    ],
    // Their images are run here, which is what --from is not for.
    next: [describeLine(begun), publishLine({ ...asked, from: undefined, adopt: true })],
    advice: [
      ...(missing.length === 0 && here === undefined ? mayHaveMoved(different) : []),
      "find out who pushed it: whoever may push can begin one",
      "--adopt pulls those images, smokes them here, and finishes what was begun",
      "the machine that began it finishes it with threads publish",
    ],
  });
}

export interface Adopted {
  readonly images: readonly PlannedImage[];
  readonly outcome: "created" | "present";
  readonly signatures: PublishResult["signatures"] | undefined;
}

/**
 * Finishes what another machine has begun, once it is known to be a release of this commit: its bundle is what git has, and
 * its images, pulled by digest, pass the smoke test here. @throws ThreadsError BUNDLE_DIFFERS, SOURCES_UNKNOWN, IMAGE_GONE, checks
 */
export async function adoptUnfinished(
  { begun, manifest }: Unfinished,
  facts: {
    readonly head: Head;
    readonly inRegistry: readonly RegistryState[];
    readonly dryRun: boolean;
    readonly asked: Asked;
    readonly sign: SigningConfig | undefined;
  },
  ports: PublishPorts,
): Promise<Adopted> {
  const { head, dryRun, asked, sign } = facts;
  requireProvenance(begun, await ports.provenance(begun));
  const place = bundlePlace(head, ports);
  const pulled = pulledImages(begun.release);
  // The edge too, and what comes from elsewhere: threads.yml does not name them as services.
  const others = Object.keys(pulled).filter((name) => facts.inRegistry.every(({ service }) => service !== name));
  const inRegistry = [...facts.inRegistry, ...(await statesOf(others, head, ports))];
  const pinned = new Map<string, boolean>();
  for (const [service, pin] of Object.entries(pulled)) {
    if ((await ports.registry.find(pin.repository, pin.digest)) === undefined)
      throw imageGone(pin.repository, pin.digest);
    pinned.set(service, true);
  }
  const images = planPublished({ head, published: begun, bundleTag: place.begunTag, inRegistry, pinned });
  if (dryRun) return { images, outcome: "present", signatures: sign && (await planSignatures(begun, sign, ports)) };
  await smokeOther(begun, ports);
  return undertake(finishing(images, asked), async (write) => {
    const untagged = images.flatMap(({ action, digest, repository, tag }) =>
      action === "retag" && digest !== undefined ? [{ repository, digest, tag }] : [],
    );
    const outcome = await step(ports.progress, "Publish the bundle", async (last) => {
      const written = await commit(manifest, untagged, place, { ...ports, write });
      last.done(`Published ${shortDigest(begun.digest)}`);
      return written;
    });
    const signatures = sign && (await signRelease(begun, sign, { ...ports, write }));
    return { images, outcome, signatures };
  });
}

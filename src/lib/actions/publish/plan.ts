import { imageLabels } from "../../compose/override.ts";
import { digestIn, type LocalImage } from "../../docker/image.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Digest } from "../../image/digest.ts";
import { tagConflict } from "../../registry/read-back.ts";
import type { StoredManifest } from "../../registry/registry.ts";
import { imageGone } from "../../registry/image-gone.ts";
import { type PublishedRelease, pulledImages } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Head } from "../../source/source.ts";

/** One service as it stands in the registry before anything is done. */
export interface RegistryState {
  readonly service: string;
  readonly repository: string;
  /** The one that stands for the full sha. */
  readonly tag: string;
  /** What it names there now. */
  readonly tagged: StoredManifest | undefined;
}

export interface PlannedImage {
  readonly service: string;
  readonly repository: string;
  readonly tag: string;
  readonly action: "push" | "retag" | "present";
  /** Undefined where docker will say it after the push. */
  readonly digest: Digest | undefined;
}

/** An image that is published from this machine, and how docker knows it here. */
export interface ImageToPublish extends PlannedImage {
  readonly from: string;
}

/** How docker knows the image of each service here, and which of them threads has built. */
export interface LocalNames {
  nameOf(service: string): string;
  isBuilt(service: string): boolean;
  /** Whether it is fetched from elsewhere where it is missing: only a dry run meets it so. */
  isPulled(service: string): boolean;
}

/** Where docker keeps an image of which smoke said yes. */
export function localName(app: string, service: string, revision: string): string {
  return `${app}-${service}:${revision}`;
}

/**
 * What is to do where the bundle is there already: nothing, or giving back a tag that somebody deleted.
 * @param pinned whether the registry still has each pinned digest, by service; asked only where the tag is missing
 * @throws ThreadsError TREE_CONFLICT, TAG_CONFLICT, IMAGE_GONE
 */
export function planPublished(facts: {
  readonly head: Head;
  readonly published: PublishedRelease;
  /** The bundle's, for the full sha. */
  readonly bundleTag: string;
  readonly inRegistry: readonly RegistryState[];
  readonly pinned: ReadonlyMap<string, boolean>;
}): PlannedImage[] {
  const { head, published, bundleTag, inRegistry, pinned } = facts;
  const { release } = published;
  if (release.revision !== head.revision || release.tree !== head.tree) throw treeConflict(head, published, bundleTag);
  return Object.entries(pulledImages(release)).map(([service, { repository, digest }]) => {
    const found = inRegistry.find((one) => one.service === service && one.repository === repository);
    const { tag, tagged } = found ?? { tag: head.revision, tagged: undefined };
    if (tagged !== undefined && tagged.digest !== digest)
      throw tagConflict({ repository, tag, there: tagged.digest, wanted: digest });
    if (tagged === undefined && pinned.get(service) !== true) throw imageGone(repository, digest);
    return { service, repository, tag, digest, action: tagged === undefined ? "retag" : "present" };
  });
}

/**
 * What is to do where there is no bundle: push what is missing. What is there must be the very image that lies here,
 * since the four of a release come from one build.
 * @throws ThreadsError NOT_SMOKED, FOREIGN_IMAGES
 */
export function planPublish(facts: {
  readonly names: LocalNames;
  readonly host: string;
  readonly head: Head;
  readonly inRegistry: readonly RegistryState[];
  /** By local name. */
  readonly local: ReadonlyMap<string, LocalImage>;
}): ImageToPublish[] {
  const { names, host, head, inRegistry, local } = facts;
  const problems = inRegistry.flatMap(({ service }) => whyUnfit(service, facts));
  if (problems.length > 0) throw notSmoked(head, problems);
  const images = inRegistry.map(({ service, repository, tag, tagged }) => {
    const from = names.nameOf(service);
    const here = local.get(from);
    const action = tagged === undefined ? ("push" as const) : ("present" as const);
    const unknown = here === undefined && names.isPulled(service);
    const same = tagged === undefined || unknown || (here !== undefined && isSame(here, tagged, { host, repository }));
    return { image: { service, repository, tag, action, digest: tagged?.digest, from }, same };
  });
  const foreign = images.filter(({ same }) => !same).map(({ image }) => image);
  if (foreign.length > 0) throw foreignImages(head, foreign);
  return images.map(({ image }) => image);
}

function whyUnfit(
  service: string,
  facts: { readonly head: Head; readonly local: ReadonlyMap<string, LocalImage>; readonly names: LocalNames },
): string[] {
  const { head, local, names } = facts;
  const name = names.nameOf(service);
  const image = local.get(name);
  if (image === undefined) return names.isPulled(service) ? [] : [`${name} is not there`];
  if (!names.isBuilt(service)) return [];
  const wanted = { [imageLabels.revision]: head.revision, [imageLabels.tree]: head.tree };
  return Object.entries(wanted).flatMap(([label, value]) => {
    const says = image.labels[label] ?? "";
    return says === value ? [] : [`${name} says ${label}=${says}, not ${value}`];
  });
}

/** Docker's id is the config's digest in its classic store, and the manifest's in containerd's. */
export function isSame(
  image: LocalImage,
  tagged: StoredManifest,
  place: { host: string; repository: string },
): boolean {
  const known = digestIn(image, `${place.host}/${place.repository}`);
  const { config } = JSON.parse(tagged.body) as { config?: { digest?: string } };
  return image.id === config?.digest || image.id === tagged.digest || known === tagged.digest;
}

function notSmoked(head: Head, problems: readonly string[]): ThreadsError {
  return new ThreadsError("NOT_SMOKED", {
    message: `commit ${shortRevision(head.revision)} has not passed the smoke test on this machine`,
    details: problems,
    next: ["threads smoke"],
  });
}

function treeConflict(head: Head, published: PublishedRelease, tag: string): ThreadsError {
  return new ThreadsError("TREE_CONFLICT", {
    message: `${published.repository}:${tag} is there already, from other sources`,
    details: [`there: tree ${published.release.tree}`, `here:  tree ${head.tree}`],
    next: ["git log --oneline"],
    advice: ["publish a new commit"],
  });
}

function foreignImages(
  head: Head,
  images: readonly Pick<PlannedImage, "repository" | "tag" | "digest">[],
): ThreadsError {
  return new ThreadsError("FOREIGN_IMAGES", {
    message: `an unfinished publish of another build of ${shortRevision(head.revision)} is in the registry`,
    details: images.map(({ repository, tag, digest }) => `${repository}:${tag} is ${digest ?? ""}`),
    next: images.map(
      ({ repository, tag }) => `aws ecr batch-delete-image --repository-name ${repository} --image-ids imageTag=${tag}`,
    ),
    advice: ["rather run threads publish on the machine that began it"],
  });
}

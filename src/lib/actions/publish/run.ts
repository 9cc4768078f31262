import type { SigningConfig } from "../../config/config.ts";
import type { LocalImage } from "../../docker/image.ts";
import { undertake, type WritePart } from "../../errors/undertaking.ts";
import { shortDigest } from "../../image/digest.ts";
import { step } from "../../progress/progress.ts";
import type { StoredManifest } from "../../registry/registry.ts";
import { retag } from "../../registry/retag.ts";
import { parseRelease } from "../../release/annotations.ts";
import { edgeFile, pinsOf } from "../../release/pins.ts";
import { assembleBundle } from "../../release/bundle.ts";
import { type ImagePin, pulledImages, type PublishedRelease, type Release } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { requireCleanTree } from "../../source/clean-tree.ts";
import type { Head } from "../../source/source.ts";
import type { Handover } from "../../stack/handover.ts";
import { commonArchitecture } from "./architecture.ts";
import { type HandedOver, takeHandover } from "./handed-over.ts";
import { type Found, look, statesOf } from "./look.ts";
import { ignoredStartIntervals, imagesHere, namesHere } from "./local-images.ts";
import { type ImageToPublish, type PlannedImage, planPublish, planPublished } from "./plan.ts";
import { migrationsOf } from "./migrations.ts";
import { type PushedImage, pushAll } from "./push-all.ts";
import type { PublishPorts } from "./ports.ts";
import { requireSameBuild } from "./same-build.ts";
import type { ReleaseModel } from "./release-model.ts";
import { nextAfterPublish } from "./next.ts";
import { bundlePlace } from "./bundle-place.ts";
import { begin, commit } from "./commit.ts";
import type { PublishResult } from "./result.ts";
import { everySignature, planSignatures, signingWith, signRelease } from "./sign.ts";
import { type Asked, publishLine } from "./publish-line.ts";
import { tagTree } from "./tag-tree.ts";
import type { adoptUnfinished, Unfinished } from "./unfinished.ts";
import { mending, publication, treePart } from "./undertakings.ts";

export type { PublishPorts } from "./ports.ts";

export interface PublishOptions {
  readonly dryRun: boolean;
  /** Where another build of the commit is published already, that one stands; where one is begun, it is smoked here and finished. */
  readonly adopt?: boolean;
  /** Takes the images that smoke has handed over on another machine, and not those that docker has here. */
  readonly from?: HandedOver | undefined;
  /** Signs what it publishes; and of what is published already, what is not signed yet. */
  readonly sign?: { readonly key: string | undefined } | undefined;
}

/** Pushes the smoke-tested images of HEAD, and last the bundle that makes them a release. Run again, it finishes what is missing. */
export async function publish(options: PublishOptions, ports: PublishPorts): Promise<PublishResult> {
  const { dryRun, from } = options;
  const asked = { sign: options.sign, adopt: options.adopt ?? false, from };
  const sign = options.sign && signingWith(options.sign.key, ports.config);
  const head = await ports.source.head();
  requireCleanTree(head);
  const handover = from === undefined ? undefined : await takeHandover(from, head, ports);
  if (sign !== undefined) await ports.signatures.requireSigner(sign);
  const { inRegistry, published, begun, treeTagged } = await look(head, ports);
  if (head.pushed === false)
    ports.progress.warn(`${shortRevision(head.revision)} is not on ${head.upstream ?? ""} yet`);
  if (published !== undefined)
    return publishedAlready({ dryRun, asked, handover, sign, head, inRegistry, published, treeTagged }, ports);
  const unfinished = begun && (await readBegun(head, begun, ports));
  if (unfinished !== undefined && (unfinished.isOther || (asked.adopt && from === undefined)))
    return finishOther(unfinished, { dryRun, asked, from, sign, head, inRegistry }, ports);
  const model = await step(ports.progress, "Read the compose files", async () => {
    // What makes a release of a commit is loaded by whoever needs it.
    const { releaseModel } = await import("./release-model.ts");
    return releaseModel(head.revision, ports);
  });
  for (const warning of model.warnings) ports.progress.warn(warning);
  const all = [...inRegistry, ...(await statesOf(Object.keys(model.elsewhere), head, ports))];
  const names = namesHere(head.revision, model, ports.config);
  const local = await imagesHere(model, { names, services: all.map(({ service }) => service), dryRun }, ports);
  for (const text of ignoredStartIntervals(model, names, local)) ports.progress.warn(text);
  if (unfinished !== undefined) {
    const { requireOwnRelease } = await import("./unfinished.ts");
    await requireOwnRelease(unfinished, { head, asked, elsewhere: model.elsewhere, local }, ports);
  }
  const planned = planPublish({ names, host: ports.registry.host, head, inRegistry: all, local });
  await (await import("./inside-images.ts")).lookInside(model, { names, local }, ports);
  const architecture = await commonArchitecture(local, ports.docker);
  if (dryRun) {
    const signatures = sign && everySignature(planned, bundlePlace(head, ports));
    return report({ outcome: "planned", asked, head, images: planned, signatures }, ports);
  }
  const migrations = await migrationsOf(names, handover, ports);
  if (unfinished !== undefined) {
    const { requireListed } = await import("./unfinished.ts");
    requireListed(unfinished, { said: migrations, head }, ports);
  }
  const facts = { head, planned, local, model, migrations, architecture, asked, sign, unfinished };
  return undertake(publication(planned, asked), (write) => pushAndCommit(facts, { ...ports, write }));
}

interface ToPublish {
  readonly head: Head;
  readonly planned: readonly ImageToPublish[];
  /** By local name. */
  readonly local: ReadonlyMap<string, LocalImage>;
  readonly model: ReleaseModel;
  readonly migrations: Release["migrations"] | undefined;
  readonly architecture: string;
  readonly asked: Asked;
  readonly sign: SigningConfig | undefined;
  /** Begun, with images that are no others than these. */
  readonly unfinished: Unfinished | undefined;
}

async function readBegun(head: Head, begun: StoredManifest, ports: PublishPorts): Promise<Unfinished> {
  const { readUnfinished } = await import("./unfinished.ts");
  return readUnfinished(head, begun, ports);
}

async function pushAndCommit(
  { head, planned, local, model, migrations, architecture, asked, sign, unfinished }: ToPublish,
  ports: PublishPorts & { readonly write: WritePart },
): Promise<PublishResult> {
  const images = await pushAll({ images: planned, local }, ports);
  const pins = pinsOf(images.map(pinned), model);
  const { revision, tree, committedAt } = head;
  const { app } = ports.config;
  const { requiredKeys } = model;
  const assembled = assembleBundle({
    release: { schema: 2, app, revision, tree, committedAt, ...pins, requiredKeys, ...(migrations && { migrations }) },
    files: { ...model.files, ...edgeFile(pins) },
    architecture,
  });
  const { manifest } = assembled;
  const { digest } = manifest;
  if (unfinished !== undefined && unfinished.begun.digest !== digest) {
    // It means the same, and is not the same bytes: another compose has written its model.
    const { otherUnfinished } = await import("./unfinished.ts");
    throw otherUnfinished(unfinished, asked, manifest);
  }
  const outcome = await step(ports.progress, "Publish the bundle", async (last) => {
    const place = bundlePlace(head, ports);
    await begin(assembled, place, ports);
    const untagged = images.filter(({ action }) => action === "push");
    const written = await commit(manifest, untagged, place, ports);
    last.done(`${written === "created" ? "Published" : "Published by another meanwhile"} ${shortDigest(digest)}`);
    return written;
  });
  // As it was written: to find it once more by its tag could fail, or find another.
  const published = { release: parseRelease(manifest), digest, repository: bundlePlace(head, ports).repository };
  const signatures = sign && (await signRelease(published, sign, ports));
  const ended = outcome === "created" ? "published" : "already-published";
  return report({ outcome: ended, asked, head, images, digest, signatures }, ports);
}

async function publishedAlready(
  facts: Omit<Found, "begun"> & { published: PublishedRelease; head: Head } & {
    readonly dryRun: boolean;
    readonly asked: Asked;
    readonly handover: Handover | undefined;
    readonly sign: SigningConfig | undefined;
  },
  ports: PublishPorts,
): Promise<PublishResult> {
  const { dryRun, asked, handover, sign, head, inRegistry, published, treeTagged } = facts;
  const untagged = inRegistry.filter(({ tagged }) => tagged === undefined).map(({ service }) => service);
  const pinned = new Map<string, boolean>();
  for (const service of untagged) {
    const pin = pulledImages(published.release)[service];
    if (pin !== undefined) pinned.set(service, (await ports.registry.find(pin.repository, pin.digest)) !== undefined);
  }
  const { tag: bundleTag, treeTag } = bundlePlace(head, ports);
  const images = planPublished({ head, published, bundleTag, inRegistry, pinned });
  const { repository, digest } = published;
  const asSigned = sign && (await planSignatures(published, sign, ports));
  const signs = asSigned?.some(({ state }) => state === "planned") ?? false;
  const compared = await requireSameBuild(published, { asked, signs, dryRun, handover }, ports);
  if (signs) {
    const { vouchFor } = await import("./vouch.ts");
    await vouchFor(published, compared, { runs: !dryRun && handover === undefined }, ports);
  }
  const signatures = await undertake(mending(images, asked), async (write) => {
    if (!dryRun) {
      for (const { service, digest: of, action, ...place } of images)
        if (action === "retag" && of !== undefined)
          await write(service, () => retag(ports, { repository: place.repository, digest: of, tag: place.tag }));
      const manifest = treeTagged ? undefined : await ports.registry.read(repository, digest);
      if (manifest !== undefined)
        await write(treePart, () => tagTree(ports.registry, { repository, manifest, tag: treeTag }));
    }
    return sign === undefined || dryRun ? asSigned : signRelease(published, sign, { ...ports, write });
  });
  const otherBuild = compared.different.map(({ service }) => service);
  return report({ outcome: "already-published", asked, head, images, digest, otherBuild, signatures }, ports);
}

function pinned({ service, repository, digest }: PushedImage): readonly [string, ImagePin] {
  return [service, { repository, digest }];
}

/** What another machine has begun is finished only where that was asked for, and where running its images was not ruled out. */
async function finishOther(
  other: Unfinished,
  facts: Pick<PublishOptions, "dryRun" | "from"> & Parameters<typeof adoptUnfinished>[1],
  ports: PublishPorts,
): Promise<PublishResult> {
  const unfinished = await import("./unfinished.ts");
  const { dryRun, asked, from, head } = facts;
  if (!asked.adopt || from !== undefined) throw unfinished.otherUnfinished(other, asked);
  const { images, outcome, signatures } = await unfinished.adoptUnfinished(other, facts, ports);
  const otherBuild = other.compared.different.map(({ service }) => service);
  const { digest } = other.begun;
  const ended = dryRun ? "planned" : outcome === "created" ? "published" : "already-published";
  return report({ outcome: ended, asked, head, images, digest, otherBuild, signatures }, ports);
}

function report(
  facts: {
    outcome: PublishResult["outcome"];
    asked: Asked;
    head: Head;
    images: readonly (PlannedImage & { readonly pushed?: boolean })[];
    digest?: PublishedRelease["digest"];
    otherBuild?: readonly string[];
    signatures?: PublishResult["signatures"] | undefined;
  },
  ports: PublishPorts,
): PublishResult {
  const { outcome, asked, head, images, digest, otherBuild = [], signatures = null } = facts;
  const { repository, tag } = bundlePlace(head, ports);
  return {
    outcome,
    published: outcome !== "planned",
    revision: head.revision,
    tree: head.tree,
    bundle: { repository, tag, digest: digest ?? null },
    images: images.map(({ service, action, pushed = false, digest: of, ...place }) => ({
      service,
      repository: place.repository,
      tag: place.tag,
      digest: of ?? null,
      action,
      pushed,
    })),
    signatures,
    otherBuild,
    next: outcome === "planned" ? [publishLine(asked)] : nextAfterPublish(head, ports.config),
    advice: [],
  };
}

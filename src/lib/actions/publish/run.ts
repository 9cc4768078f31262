import { relative } from "node:path";
import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { shortDigest } from "../../image/digest.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { readRelease, treeTag, writeBundle } from "../../registry/bundle.ts";
import type { DockerImages, Push } from "../../registry/docker-push.ts";
import { readBack } from "../../registry/read-back.ts";
import type { Registry } from "../../registry/registry.ts";
import { retag } from "../../registry/retag.ts";
import { whileChecking } from "../../registry/while-checking.ts";
import { assembleBundle } from "../../release/bundle.ts";
import type { ImagePin, PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Head, Source } from "../../source/source.ts";
import { localName, type PlannedImage, planPublish, planPublished, requireCleanTree, type Standing } from "./plan.ts";
import type { PublishResult } from "./result.ts";
import { tagTree } from "./tag-tree.ts";

export interface PublishPorts {
  readonly config: Config;
  readonly source: Source;
  readonly repo: EcrRepo;
  readonly registry: Registry;
  readonly docker: DockerImages;
  /** Fails unless the credentials are those of the registry's account and region. */
  readonly checkAccount: () => Promise<unknown>;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Pushes the smoke-tested images of HEAD, and last the bundle that makes them a release. Run again, it finishes what is missing. */
export async function publish({ dryRun }: { readonly dryRun: boolean }, ports: PublishPorts): Promise<PublishResult> {
  const head = await ports.source.head();
  requireCleanTree(head);
  ports.progress.note(ports.repo.understood);
  const { standing, published, treeTagged } = await step(ports.progress, "Look at the registry", async (look) => {
    const found = await whileChecking(ports.checkAccount, () => lookUp(head, ports));
    look.done(found.published === undefined ? "Not published yet" : "Published already");
    return found;
  });
  if (head.pushed === false)
    ports.progress.warn(`${shortRevision(head.revision)} is not on ${head.upstream ?? ""} yet`);
  if (published !== undefined) return publishedAlready({ dryRun, head, standing, published, treeTagged }, ports);
  const names = ports.config.services.map((service) => localName(ports.config.app, service, head.revision));
  const local = await ports.docker.inspect(names);
  const plan = planPublish({ app: ports.config.app, host: ports.registry.host, head, standing, local });
  if (dryRun) return report({ outcome: "planned", head, images: plan.images }, ports);
  const pins = await pushAll(head, plan.images, ports);
  const digest = await step(ports.progress, "Publish the bundle", async (last) => {
    const written = await bundle({ head, pins, architecture: plan.architecture }, ports);
    last.done(`Published ${shortDigest(written)}`);
    return written;
  });
  const images = plan.images.map((image) => ({ ...image, digest: pins[image.service]?.digest }));
  return report({ outcome: "published", head, images, digest }, ports);
}

interface Found {
  readonly standing: Standing[];
  readonly published: PublishedRelease | undefined;
  /** Whether a release of these sources has the tree's tag, this one or an earlier one. */
  readonly treeTagged: boolean;
}

async function lookUp(head: Head, { config, repo, registry }: PublishPorts): Promise<Found> {
  const bundles = repo.repositoryFor(config.registry.bundle);
  const [published, ofTree, ...standing] = await Promise.all([
    readRelease(registry, bundles, head.revision),
    registry.find(bundles, treeTag(head.tree)),
    ...config.services.map(async (service): Promise<Standing> => {
      const repository = repo.repositoryFor(service);
      return { service, repository, tagged: await registry.find(repository, head.revision) };
    }),
  ]);
  return { standing, published, treeTagged: ofTree !== undefined };
}

async function publishedAlready(
  facts: { dryRun: boolean; head: Head; standing: Standing[]; published: PublishedRelease; treeTagged: boolean },
  ports: PublishPorts,
): Promise<PublishResult> {
  const { dryRun, head, standing, published, treeTagged } = facts;
  const untagged = standing.filter(({ tagged }) => tagged === undefined).map(({ service }) => service);
  const pinned = new Map<string, boolean>();
  for (const service of untagged) {
    const pin = published.release.images[service];
    if (pin !== undefined) pinned.set(service, (await ports.registry.find(pin.repository, pin.digest)) !== undefined);
  }
  const images = planPublished({ head, published, standing, pinned });
  for (const { repository, digest, action } of images)
    if (action === "retag" && digest !== undefined && !dryRun)
      await retag(ports, { repository, digest, tag: head.revision });
  const { repository, digest } = published;
  const manifest = treeTagged || dryRun ? undefined : await ports.registry.read(repository, digest);
  if (manifest !== undefined) await tagTree(ports.registry, { repository, manifest, tree: head.tree });
  return report({ outcome: "already-published", head, images, digest }, ports);
}

async function pushAll(
  head: Head,
  images: readonly PlannedImage[],
  ports: PublishPorts,
): Promise<Record<string, ImagePin>> {
  const missing = images.filter(({ action }) => action === "push");
  const pins = new Map(
    images.flatMap(({ service, repository, digest }) =>
      digest === undefined ? [] : [[service, { repository, digest }] as const],
    ),
  );
  if (missing.length > 0)
    await ports.docker.signedIn(await ports.registry.login(), async ({ push }) => {
      const tasks = missing.map((image) => pushTask({ head, image, push }, ports));
      const pushed = await ports.progress.tasks(tasks, { concurrent: true });
      for (const [service, pin] of pushed) pins.set(service, pin);
    });
  // In the order of the configuration, whatever was pushed first: the bundle's bytes depend on it.
  return Object.fromEntries(images.map(({ service }) => [service, pins.get(service) as ImagePin]));
}

function pushTask(
  { head, image, push }: { head: Head; image: PlannedImage; push: Push },
  ports: PublishPorts,
): { title: string; run: Parameters<typeof step<[string, ImagePin]>>[2] } {
  const { service, repository } = image;
  const { config, registry } = ports;
  return {
    title: `Push ${service}`,
    run: async (task) => {
      const from = localName(config.app, service, head.revision);
      const to = { host: registry.host, repository, tag: head.revision };
      const digest = await push({ from, to, onProgress: (text) => task.update(text) });
      // Docker's word is not enough: what counts is what the registry will give under this tag.
      await readBack(ports, { repository, tag: head.revision, digest });
      task.done(`Pushed ${service} ${shortDigest(digest)}`);
      return [service, { repository, digest }];
    },
  };
}

async function bundle(
  facts: { head: Head; pins: Record<string, ImagePin>; architecture: string },
  ports: PublishPorts,
): Promise<PublishedRelease["digest"]> {
  const { head, pins, architecture } = facts;
  const { config, repo, source, registry } = ports;
  const { revision, tree, committedAt } = head;
  const compose = await source.fileAt(revision, relative(config.root, config.runtime.compose));
  const assembled = assembleBundle({
    release: { schema: 1, app: config.app, revision, tree, committedAt, images: pins },
    files: { "compose.yml": compose },
    architecture,
  });
  const repository = repo.repositoryFor(config.registry.bundle);
  await writeBundle(registry, { repository, bundle: assembled, tag: revision });
  const { manifest } = assembled;
  const [ofTree] = await Promise.all([
    registry.find(repository, treeTag(tree)),
    readBack(ports, { repository, tag: revision, digest: manifest.digest }),
  ]);
  if (ofTree === undefined) await tagTree(registry, { repository, manifest, tree });
  return manifest.digest;
}

function report(
  facts: {
    outcome: PublishResult["outcome"];
    head: Head;
    images: readonly PlannedImage[];
    digest?: PublishedRelease["digest"];
  },
  { config, repo }: PublishPorts,
): PublishResult {
  const { outcome, head, images, digest } = facts;
  return {
    outcome,
    published: outcome !== "planned",
    revision: head.revision,
    tree: head.tree,
    bundle: { repository: repo.repositoryFor(config.registry.bundle), digest: digest ?? null },
    images: images.map(({ service, repository, action, digest: of }) => ({
      service,
      repository,
      digest: of ?? null,
      action,
      pushed: outcome === "published" && action === "push",
    })),
  };
}

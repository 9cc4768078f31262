import { both } from "../../progress/both.ts";
import { step } from "../../progress/progress.ts";
import { readRelease } from "../../registry/bundle.ts";
import { requireOwnPins } from "../../registry/own-pins.ts";
import type { StoredManifest } from "../../registry/registry.ts";
import { tellRepo } from "../../registry/tell-repo.ts";
import { pulledImages, type PublishedRelease } from "../../release/release.ts";
import type { Head } from "../../source/source.ts";
import { bundlePlace } from "./bundle-place.ts";
import type { RegistryState } from "./plan.ts";
import type { PublishPorts } from "./ports.ts";

export interface Found {
  readonly inRegistry: RegistryState[];
  readonly published: PublishedRelease | undefined;
  /** The bundle of a release that somebody has begun to publish. */
  readonly begun: StoredManifest | undefined;
  /** Whether a release of these sources has the tree's tag, this one or an earlier one. */
  readonly treeTagged: boolean;
}

/** What the registry has of HEAD, for whoever may read there. @throws ThreadsError FOREIGN_PINS where what is published pins others' */
export function look(head: Head, ports: PublishPorts): Promise<Found> {
  tellRepo(ports.repo, ports.progress);
  return step(ports.progress, "Look at the registry", async (task) => {
    const found = await both(ports.checkAccount, () => lookUp(head, ports));
    task.done(`Looked at the registry: ${found.published === undefined ? "not published yet" : "published already"}`);
    return found;
  });
}

async function lookUp(head: Head, ports: PublishPorts): Promise<Found> {
  const { config, registry } = ports;
  const { repository: bundles, tag: bundleTag, begunTag, treeTag } = bundlePlace(head, ports);
  const [published, begun, ofTree, inRegistry] = await Promise.all([
    readRelease(registry, bundles, bundleTag),
    registry.find(bundles, begunTag),
    registry.find(bundles, treeTag),
    statesOf(config.services, head, ports),
  ]);
  if (published !== undefined) requireOwnPins(published, { repo: ports.repo, bundle: config.registry.bundle });
  // Of a published release what it pins counts, images from elsewhere too.
  const pinned = published === undefined ? {} : pulledImages(published.release);
  const others = Object.keys(pinned).filter((service) => !config.services.includes(service));
  const all = [...inRegistry, ...(await statesOf(others, head, ports))];
  return { inRegistry: all, published, begun, treeTagged: ofTree !== undefined };
}

/** What has the revision's tag of these services. */
export function statesOf(
  services: readonly string[],
  { revision }: Head,
  { repo, registry }: Pick<PublishPorts, "repo" | "registry">,
): Promise<RegistryState[]> {
  const states = services.map(async (service): Promise<RegistryState> => {
    const [repository, tag] = [repo.repositoryFor(service), repo.tagFor(service, revision)];
    return { service, repository, tag, tagged: await registry.find(repository, tag) };
  });
  return Promise.all(states);
}

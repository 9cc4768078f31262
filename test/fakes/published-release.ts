import type { EcrRepo } from "../../src/lib/image/ecr-repo.ts";
import { digestOf } from "../../src/lib/image/digest.ts";
import { treeLabel, writeBundle } from "../../src/lib/registry/bundle.ts";
import type { Registry, StoredManifest } from "../../src/lib/registry/registry.ts";
import type { CommittedPorts } from "../../src/lib/provenance/committed-model.ts";
import { releaseFiles } from "../../src/lib/provenance/release-files.ts";
import { edgeFile } from "../../src/lib/release/pins.ts";
import { assembleBundle } from "../../src/lib/release/bundle.ts";
import { edgeName, type PublishedRelease, type Release } from "../../src/lib/release/release.ts";
import type { TestRepository } from "../lib/source/repository.ts";

const mediaType = "application/vnd.oci.image.manifest.v1+json";

interface PublishPorts {
  readonly registry: Registry;
  readonly repo: Pick<EcrRepo, "repositoryFor" | "tagFor">;
  readonly repository: TestRepository;
  /** Where the bundle shall be what git has; otherwise it has one file, of which no commit knows. */
  readonly sources?: CommittedPorts;
}

/** Puts an image without layers into a registry, untagged: another text, another digest. */
export async function uploadManifest(registry: Registry, repository: string, text: string): Promise<StoredManifest> {
  const bytes = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", text }));
  const digest = await registry.upload(repository, bytes);
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: bytes.length };
  const body = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] }, undefined, 3);
  return { digest: digestOf(body), mediaType, body };
}

/** Commits a text, and puts the images and the bundle of that commit into the registry, as publish leaves them. */
export async function publishRelease(
  what: { readonly text: string; readonly services: readonly string[]; readonly hasEdge?: boolean },
  { registry, repo, repository: git, sources }: PublishPorts,
): Promise<PublishedRelease> {
  const { text, services, hasEdge = false } = what;
  git.write("code.txt", text);
  const revision = git.commit(text);
  const pins = await Promise.all(
    [...services, ...(hasEdge ? [edgeName] : [])].map(async (service) => {
      const repository = repo.repositoryFor(service);
      const manifest = await uploadManifest(registry, repository, `${service} ${text}`);
      await registry.tag(repository, manifest, repo.tagFor(service, revision));
      return [service, { repository, digest: manifest.digest }] as const;
    }),
  );
  const tree = git.git("rev-parse", "HEAD^{tree}");
  const committedAt = "2026-11-22T08:00:00.000Z";
  const made = sources === undefined ? undefined : await releaseFiles(revision, sources);
  const images = Object.fromEntries(pins.slice(0, services.length));
  const edge = pins[services.length]?.[1];
  const schema = made === undefined ? 1 : 2;
  const tells = made?.config.runtime.migrations === undefined ? {} : { migrations: [] };
  const named = { schema, app: "threads", revision, tree, committedAt, images, ...tells } as const;
  const release: Release = edge === undefined ? named : { ...named, edge };
  const files = made === undefined ? { "compose.yml": "services: {}\n" } : { ...made.files, ...edgeFile(release) };
  const bundle = assembleBundle({ release, files, architecture: "amd64" });
  const repository = repo.repositoryFor("bundle");
  for (const label of [treeLabel(tree), revision])
    await writeBundle(registry, { repository, bundle, tag: repo.tagFor("bundle", label) });
  return { release, digest: bundle.manifest.digest, repository };
}

import type { EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { readRelease } from "../../registry/bundle.ts";
import type { Registry } from "../../registry/registry.ts";
import { promotedTag, type PublishedRelease } from "../../release/release.ts";
import { isRevision, shortRevision } from "../../release/revision.ts";
import type { Source } from "../../source/source.ts";

interface ReleasePorts {
  readonly registry: Pick<Registry, "find">;
  readonly source: Pick<Source, "head" | "resolve">;
  /** Repository path of the bundles. */
  readonly repository: string;
}

/**
 * The release to deploy: of the given revision, otherwise of HEAD. Where the environment wants a promotion, only
 * what carries its tag counts. Every image must still be there.
 * @throws ThreadsError NOT_PUBLISHED, NOT_PROMOTED, IMAGE_GONE (refused)
 */
export async function chooseRelease(
  wanted: { readonly environment: EnvironmentConfig; readonly release: string | undefined },
  ports: ReleasePorts,
): Promise<PublishedRelease> {
  const candidates = await revisions(wanted.release, ports.source);
  for (const revision of candidates) {
    const found = await readRelease(ports.registry, ports.repository, tagOf(wanted.environment, revision));
    if (found !== undefined) {
      await requireImages(found, ports.registry);
      return found;
    }
  }
  throw await missing({ environment: wanted.environment, revision: candidates[0] ?? "" }, ports);
}

function tagOf(environment: EnvironmentConfig, revision: string): string {
  return environment.requiresPromotion ? promotedTag(environment.name, revision) : revision;
}

/** HEAD, and where HEAD is a merge that changed nothing, the commit that was merged: the same tree was built there. */
async function revisions(given: string | undefined, source: ReleasePorts["source"]): Promise<readonly string[]> {
  if (given !== undefined) return [isRevision(given) ? given : (await source.resolve(given)).revision];
  const head = await source.head();
  const merged = await source.resolve("HEAD^2").catch(() => undefined);
  return merged?.tree === head.tree ? [head.revision, merged.revision] : [head.revision];
}

async function missing(
  { environment, revision }: { readonly environment: EnvironmentConfig; readonly revision: string },
  ports: ReleasePorts,
): Promise<ThreadsError> {
  const short = shortRevision(revision);
  const published = environment.requiresPromotion && (await readRelease(ports.registry, ports.repository, revision));
  if (published)
    return new ThreadsError("refused", {
      code: "NOT_PROMOTED",
      message: `${short} is published but not promoted to ${environment.name}`,
      next: [`threads promote ${revision}`],
    });
  return new ThreadsError("refused", {
    code: "NOT_PUBLISHED",
    message: `${short} was never published, so there is nothing to deploy`,
    next: ["threads publish", `threads history -e ${environment.name}`],
  });
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

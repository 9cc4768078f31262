import { type EcsEnvironment, hasEcs } from "../../ecs/environment-on-ecs.ts";
import { type ImageOnEcs, imagesOnEcs, newestOfFamily } from "../../ecs/live/needed-images.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { wildcard } from "../../image/wildcard.ts";
import type { LifecycleSource } from "../../registry/lifecycle/source.ts";
import type { CheckPorts } from "./ports.ts";
import type { NeededImage } from "./protected.ts";

/** What ECS needs of the registry, and what nobody can tell of that. */
export interface NeededOnEcs {
  readonly images: readonly NeededImage[];
  /** What ECS would start and finds no more, a sentence each. */
  readonly lost: readonly string[];
  /** A sentence each: what of an environment was not looked at. */
  readonly notes: readonly string[];
  /** Environments of which nothing is known, and why: they may need anything. */
  readonly unknown: readonly { readonly environment: string; readonly failure: ThreadsError }[];
}

export const nothingOnEcs: NeededOnEcs = { images: [], lost: [], notes: [], unknown: [] };

export async function neededOnEcs(
  ports: Pick<CheckPorts, "environments" | "config" | "ecs">,
  registry: { readonly repo: EcrRepo; readonly source: LifecycleSource },
): Promise<NeededOnEcs> {
  const environments = (await ports.environments()).filter(hasEcs);
  if (environments.length === 0) return nothingOnEcs;
  const each = await Promise.all(environments.map((one) => lookAt(one, ports, registry)));
  return {
    images: each.flatMap(({ images }) => images),
    lost: each.flatMap(({ lost }) => lost),
    notes: each.flatMap(({ notes }) => notes),
    unknown: each.flatMap(({ unknown }) => unknown),
  };
}

async function lookAt(
  environment: EcsEnvironment,
  ports: Pick<CheckPorts, "config" | "ecs">,
  { repo, source }: { readonly repo: EcrRepo; readonly source: LifecycleSource },
): Promise<NeededOnEcs> {
  const own = wildcard(repo.repositoryFor("*"));
  const isOurs = ({ host, repository }: { host: string; repository: string }): boolean =>
    host === repo.host && own.test(repository);
  try {
    const [{ app }, ecs] = await Promise.all([ports.config(), ports.ecs()]);
    const { images, older } = await imagesOnEcs(environment, { app, isOurs, ecs });
    const found = await Promise.all(images.map((image) => byDigest(image, source)));
    return {
      images: found.flatMap((one) => (typeof one === "string" ? [] : [one])),
      lost: [...new Set(found.filter((one) => typeof one === "string"))],
      notes: older.map(
        (family) =>
          `of ${family} the ${newestOfFamily} newest definitions are looked after, and not older ones that may be run too`,
      ),
      unknown: [],
    };
  } catch (failure) {
    if (!(failure instanceof ThreadsError) || failure.outcome === "interrupted") throw failure;
    return { ...nothingOnEcs, unknown: [{ environment: environment.name, failure }] };
  }
}

/** What is named by a tag is whatever the tag means today; a sentence where it means nothing. */
async function byDigest(
  { repository, digest, tag, because, runs }: ImageOnEcs,
  source: LifecycleSource,
): Promise<NeededImage | string> {
  const found =
    digest ?? (await source.images(repository)).find(({ tags }) => tag !== undefined && tags.includes(tag))?.digest;
  if (found === undefined) return `${repository} has no image with the tag ${tag ?? "latest"}, which ${because}`;
  return { repository, digest: found, because, vital: runs };
}

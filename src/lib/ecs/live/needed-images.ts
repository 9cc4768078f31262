import type { Task, TaskDefinition } from "@aws-sdk/client-ecs";
import { type Digest, isDigest } from "../../image/digest.ts";
import { ecsName } from "../../config/ecs-names.ts";
import { parseReference } from "../../image/reference.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { EcsEnvironment } from "../environment-on-ecs.ts";
import type { LiveEcs } from "./live-ecs.ts";

/** An image that ECS runs, or may start at any time. */
export interface ImageOnEcs {
  readonly repository: string;
  /** Undefined where it is named by a tag, and nothing has resolved that yet. */
  readonly digest: Digest | undefined;
  /** Undefined where the digest is known. */
  readonly tag: string | undefined;
  readonly because: string;
  /** A task runs it now: its next start pulls it. */
  readonly runs: boolean;
}

export interface ImagesOnEcs {
  readonly images: readonly ImageOnEcs[];
  /** Families that have older definitions than those that were read. */
  readonly older: readonly string[];
}

/** How many of a family are looked after: ECS answers twenty of these questions a second. */
export const newestOfFamily = 10;

interface NeededPorts {
  readonly app: string;
  readonly ecs: LiveEcs;
  /** Whether an image lies where threads pushes to: what is elsewhere is another's matter. */
  readonly isOurs: (image: { readonly host: string; readonly repository: string }) => boolean;
}

/**
 * What has to stay in the registry for an environment on ECS, beside what its ledger says: what tasks of its cluster run, and what the
 * newest definitions of its families would start. ECR itself asks nobody before it takes an image away (aws/containers-roadmap #1078).
 * @throws ThreadsError as LiveEcs does; then nothing is known
 */
export async function imagesOnEcs(
  environment: EcsEnvironment,
  { app, isOurs, ecs }: NeededPorts,
): Promise<ImagesOnEcs> {
  const { name } = environment;
  const [tasks, families] = await Promise.all([ecs.tasks(environment.ecs.cluster), familiesOf(environment, app, ecs)]);
  const found = await Promise.all(families.map((family) => ecs.newest(family, newestOfFamily)));
  const definitions = await Promise.all(found.flatMap(({ arns }) => arns).map((arn) => ecs.definition(arn)));
  const images = [
    ...tasks.flatMap((task) => imagesOfTask(task, name)),
    ...definitions.flatMap((definition) => imagesOfDefinition(definition, name)),
  ];
  return {
    images: images.filter(isOurs).map(({ repository, digest, tag, because, runs }) => ({
      repository,
      digest,
      tag,
      because,
      runs,
    })),
    older: families.filter((_, place) => found[place]?.hasMore === true),
  };
}

/** Those that are called as threads calls them, and those that threads.yml names. */
async function familiesOf({ name, ecs: { services } }: EcsEnvironment, app: string, ecs: LiveEcs): Promise<string[]> {
  const usual = await ecs.families(ecsName(`${app}-${name}-`));
  const named = Object.values(services).flatMap(({ family, name: own }) => family ?? own ?? []);
  return [...new Set([...usual, ...named])];
}

interface AtHost extends ImageOnEcs {
  readonly host: string;
}

function imagesOfTask({ containers = [], taskDefinitionArn = "" }: Task, environment: string): AtHost[] {
  const because = `runs on ECS in ${environment} (${revisionIn(taskDefinitionArn)})`;
  return containers.flatMap(({ image, imageDigest }) => imageOf(image, imageDigest, { because, runs: true }));
}

function imagesOfDefinition(
  { containerDefinitions = [], taskDefinitionArn = "" }: TaskDefinition,
  name: string,
): AtHost[] {
  const because = `${revisionIn(taskDefinitionArn)} of ECS in ${name} starts it`;
  return containerDefinitions.flatMap(({ image }) => imageOf(image, undefined, { because, runs: false }));
}

/** By both digests, where ECS has resolved an index to what it lists. What has no host is of no registry that threads pushes to. */
function imageOf(
  image: string | undefined,
  resolved: string | undefined,
  why: Pick<ImageOnEcs, "because" | "runs">,
): AtHost[] {
  const reference = referenceIn(image ?? "");
  if (reference === undefined) return [];
  const { host, repository } = reference;
  const digests = new Set([resolved, reference.digest].filter((one) => one !== undefined && isDigest(one)));
  if (digests.size === 0) return [{ host, repository, digest: undefined, tag: reference.tag, ...why }];
  return [...digests].map((digest) => ({ host, repository, digest, tag: undefined, ...why }));
}

function referenceIn(image: string): { host: string; repository: string; digest?: Digest; tag?: string } | undefined {
  try {
    // A tag beside a digest says nothing more: ECS goes by the digest.
    return parseReference(image.replace(/:[^:/@]+(?=@)/, ""));
  } catch (error) {
    if (error instanceof ThreadsError) return undefined;
    throw error;
  }
}

/** `shop-cloud-web:12`. */
function revisionIn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

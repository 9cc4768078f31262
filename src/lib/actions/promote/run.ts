import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { printReference } from "../../image/reference.ts";
import { shortDigest } from "../../image/digest.ts";
import { requireTag } from "../../image/tag.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { readRelease } from "../../registry/bundle.ts";
import type { DockerImages } from "../../registry/docker-push.ts";
import type { EcrRegistry } from "../../registry/ecr.ts";
import { retag } from "../../registry/retag.ts";
import { whileChecking } from "../../registry/while-checking.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { isRevision, shortRevision } from "../../release/revision.ts";
import type { Source } from "../../source/source.ts";
import type { StackReport } from "../smoke/result.ts";
import {
  movedMeanwhile,
  type PlannedTag,
  planPromote,
  type PromotePlan,
  requirePublished,
  type Standing,
  tagFor,
  type Target,
  targetsOf,
} from "./plan.ts";
import type { PromotedImage, PromoteResult } from "./result.ts";

/** Runs the stack from these references and checks it. @throws ThreadsError checks where it does not pass */
export type ProductionSmoke = (what: {
  /** `host/repository@sha256:…` by service: never a tag. */
  readonly images: Readonly<Record<string, string>>;
  readonly revision: string;
  readonly tree: string;
  /** Docker configuration with the registry's login, for the pulls. */
  readonly dockerConfig: string;
}) => Promise<StackReport>;

export interface PromotePorts {
  readonly config: Config;
  readonly source: Pick<Source, "resolve">;
  readonly repo: EcrRepo;
  readonly registry: EcrRegistry;
  readonly docker: Pick<DockerImages, "signedIn">;
  readonly smoke: ProductionSmoke;
  /** Fails unless the credentials are those of the registry's account and region. */
  readonly checkAccount: () => Promise<unknown>;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface PromoteOptions {
  /** Full sha, or anything that git resolves to one. */
  readonly release: string;
  readonly environment: string;
  readonly dryRun: boolean;
}

/** Tests a published release by digest, then gives its images and last its bundle the environment's tag. Run again, it finishes what is missing. */
export async function promote(options: PromoteOptions, ports: PromotePorts): Promise<PromoteResult> {
  const { config, progress, registry, repo } = ports;
  const revision = isRevision(options.release)
    ? options.release
    : (await ports.source.resolve(options.release)).revision;
  const tag = requireTag(tagFor(options.environment, { revision, known: Object.keys(config.environments) }));
  progress.note(repo.understood);
  const { published, plan } = await step(progress, "Look at the registry", async (look) => {
    const repository = repo.repositoryFor(config.registry.bundle);
    const found = await whileChecking(ports.checkAccount, () => readRelease(registry, repository, revision));
    const release = requirePublished(found, { app: config.app, revision, repository });
    look.done(`Found ${shortRevision(revision)} ${shortDigest(release.digest)}`);
    return { published: release, plan: planPromote(tag, await standingOf(release, tag, registry)) };
  });
  const told = { environment: options.environment, published, plan };
  if (plan.done) return report({ ...told, outcome: "already-promoted" });
  if (options.dryRun) return report({ ...told, outcome: "planned" });
  const smoke = await test(published, ports);
  await requireUnmoved(published, registry);
  const images = await tagAll(plan, ports);
  return report({ ...told, outcome: "promoted", images, smoke });
}

async function standingOf(
  published: PublishedRelease,
  tag: string,
  registry: Pick<EcrRegistry, "find">,
): Promise<{ images: Standing[]; bundle: Standing }> {
  const look = async (target: Target): Promise<Standing> => {
    const [tagged, there] = await Promise.all([
      registry.find(target.repository, tag),
      registry.find(target.repository, target.digest),
    ]);
    return { ...target, there: there !== undefined, tagged: tagged?.digest };
  };
  const { images, bundle } = targetsOf(published);
  const [last, ...standing] = await Promise.all([look(bundle), ...images.map(look)]);
  return { images: standing, bundle: last };
}

async function test(published: PublishedRelease, ports: PromotePorts): Promise<StackReport> {
  const { revision, tree, images } = published.release;
  const { host } = ports.registry;
  const references = Object.entries(images).map(([service, pin]) => [service, printReference({ host, ...pin })]);
  return ports.docker.signedIn(await ports.registry.login(), ({ folder }) =>
    ports.smoke({ images: Object.fromEntries(references), revision, tree, dockerConfig: folder }),
  );
}

/** Asks with tag and digest together, after the test and right before the first write. */
async function requireUnmoved(published: PublishedRelease, registry: Pick<EcrRegistry, "holds">): Promise<void> {
  const { revision } = published.release;
  const { images, bundle } = targetsOf(published);
  const targets = [...images, bundle];
  const held = await Promise.all(targets.map(({ repository, digest }) => registry.holds(repository, revision, digest)));
  const moved = targets.filter((_, index) => held[index] !== true);
  if (moved.length > 0) throw movedMeanwhile(moved, revision);
}

/** The images all at once, the bundle only when every one of them was read back: half a promotion means nothing. */
async function tagAll(plan: PromotePlan, ports: PromotePorts): Promise<PromotedImage[]> {
  const give = async ({ repository, digest }: PlannedTag): Promise<"created" | "present"> =>
    retag(ports, { repository, digest, tag: plan.tag });
  const images = await ports.progress.tasks(
    plan.images.map((image) => ({
      title: `Tag ${image.service ?? ""}`,
      run: async (task) => {
        const outcome = await give(image);
        task.done(`Tagged ${image.service ?? ""} ${shortDigest(image.digest)}`);
        return { ...imageOf(image), outcome };
      },
    })),
    { concurrent: true },
  );
  await step(ports.progress, "Tag the bundle", async (last) => {
    await give(plan.bundle);
    last.done(`Promoted ${shortDigest(plan.bundle.digest)}`);
  });
  return images;
}

function imageOf({ service, repository, digest }: PlannedTag): Omit<PromotedImage, "outcome"> {
  return { service: service ?? "", repository, digest };
}

function report(facts: {
  readonly outcome: PromoteResult["outcome"];
  readonly environment: string;
  readonly published: PublishedRelease;
  readonly plan: PromotePlan;
  readonly images?: readonly PromotedImage[];
  readonly smoke?: StackReport;
}): PromoteResult {
  const { outcome, environment, published, plan, images, smoke } = facts;
  const planned = plan.images.map((image) => ({ ...imageOf(image), outcome: image.action }));
  return {
    outcome,
    promoted: outcome !== "planned",
    revision: published.release.revision,
    environment,
    tag: plan.tag,
    bundle: { repository: published.repository, digest: published.digest },
    images: images ?? planned,
    smoke:
      smoke === undefined ? null : { checks: smoke.checks, durations: smoke.durations, leftovers: smoke.leftovers },
  };
}

import type { EnvironmentConfig } from "../config/config.ts";
import type { Code } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Standing, standing } from "../ledger/standing.ts";
import { findBundles, publishedRelease } from "../registry/bundle.ts";
import { imageGone } from "../registry/image-gone.ts";
import { isRevision, shortRevision } from "../release/revision.ts";
import { isVersion } from "../release/version.ts";
import type { Head } from "../source/source.ts";
import { bySources } from "./by-sources.ts";
import { byVersion } from "./by-version.ts";
import { neverPublished } from "./not-published.ts";
import type { ReleaseQuery, RequestedCommit, ResolvedRelease, ResolvePorts } from "./types.ts";

/**
 * The published release that a name means: never a guess. A commit's own release comes first, then one of the same git
 * tree (so squash, rebase and merge commits find what was built on the branch), otherwise it is refused with the
 * difference to the nearest published ancestor. Reads only; usually one git call and one BatchGetImage.
 * @throws ThreadsError NOT_PUBLISHED, NOTHING_DEPLOYED, BUNDLE_MISMATCH, FOREIGN_PINS, IMAGE_GONE (refused); UNKNOWN_REVISION, AMBIGUOUS_REVISION, SHALLOW_CLONE, NOT_A_REPOSITORY (usage)
 */
export async function resolveRelease(wanted: ReleaseQuery, ports: ResolvePorts): Promise<ResolvedRelease> {
  const { ref = "HEAD" } = wanted;
  const environment = ports.config.environments[ref];
  // An environment without hosts runs nothing, so its name can only be git's.
  if (environment?.hosts !== undefined) return byEnvironment(environment.name, wanted, ports);
  if (isRevision(ref)) return byRevision({ ...wanted, revision: ref }, ports);
  const version = isVersion(ref) ? await byVersion({ ...wanted, ref }, ports) : undefined;
  return version ?? byCommit({ ...wanted, ref }, ports);
}

/** What the ledger says runs in an environment, read from the registry by digest. Works without git. */
async function byEnvironment(
  name: string,
  { again }: Pick<ReleaseQuery, "again">,
  ports: ResolvePorts,
): Promise<ResolvedRelease> {
  const [{ deployments, serverTime }, namesakes] = await Promise.all([
    ports.ledger.deploymentLog(name),
    // Only to say that git's own name is not meant: outside a repository there is none.
    ports.source.refs(name).catch((): string[] => []),
  ]);
  const now = standing(deployments, serverTime);
  const { current } = now;
  const others = namesakes.map((ref) => ref.replace(/^refs\//, ""));
  if (current === undefined) throw nothingDeployed(name, others.map(again));
  const { repository, digest } = current.bundle;
  const manifest = (await ports.registry.findMany(repository, [digest])).get(digest);
  if (manifest === undefined) throw imageGone(repository, digest);
  const published = publishedRelease({ ...ports, manifest, repository, label: digest });
  const { revision } = published.release;
  const instead = others.length === 0 ? "" : `; git's ${name} would be ${others.join(" or ")}`;
  return {
    published,
    how: "environment",
    asked: revision,
    says: `${name} is the environment: it runs ${shortRevision(revision)} (deployment ${String(current.number)})${instead}`,
    warnings: mayDiffer(name, now),
  };
}

function mayDiffer(name: string, { underWay, unsettled: left }: Standing): string[] {
  if (underWay !== undefined)
    return [
      `${shortRevision(underWay.revision)} is being deployed to ${name} just now; meant is what ran there before it`,
    ];
  if (left === undefined) return [];
  return [
    `deployment ${String(left.intent.number)} of ${name} did not end well; meant is the last that did, but hosts may differ`,
  ];
}

/** @param others the command with git's own names of the same */
function nothingDeployed(name: string, others: readonly string[]): ThreadsError {
  return new ThreadsError("NOTHING_DEPLOYED", {
    message: `${name} is an environment, and nothing was ever deployed to it`,
    next: [`threads deploy -e ${name} HEAD`, ...others],
    advice: others.length === 0 ? [] : [`a name of git's in full means git's ${name}`],
  });
}

/** A full sha needs no git where it is published itself; only otherwise git is asked for its sources. */
async function byRevision(
  wanted: ReleaseQuery & { readonly revision: string },
  ports: ResolvePorts,
): Promise<ResolvedRelease> {
  const { revision } = wanted;
  const { bundle } = ports.config.registry;
  const repository = ports.repo.repositoryFor(bundle);
  wanted.begun?.(revision);
  const manifest = (await findBundles(ports.registry, { repo: ports.repo, bundle }, [revision])).get(revision);
  if (manifest !== undefined)
    return {
      published: publishedRelease({ ...ports, manifest, repository, label: revision }),
      how: "explicit",
      asked: revision,
      says: `${shortRevision(revision)} was given in full, and is published`,
      warnings: [],
    };
  const commit = await ports.source.resolve(revision).catch((error: unknown) => {
    throw error instanceof ThreadsError ? neverPublished(revision, error) : error;
  });
  return bySources({ ...wanted, asked: { ...commit, name: shortRevision(revision), head: undefined } }, ports);
}

/** Any name that git turns into a commit: HEAD, a branch, a tag, a short sha. */
async function byCommit(
  wanted: ReleaseQuery & { readonly ref: string },
  ports: ResolvePorts,
): Promise<ResolvedRelease> {
  return bySources({ ...wanted, asked: await ask(wanted.ref, ports) }, ports);
}

async function ask(ref: string, { source, config }: ResolvePorts): Promise<RequestedCommit> {
  try {
    if (ref === "HEAD" || ref === "@") {
      const head = await source.head();
      return { name: headName(head), revision: head.revision, tree: head.tree, head };
    }
    const { revision, tree } = await source.resolve(ref);
    return { name: ref, revision, tree, head: undefined };
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    if (withoutGit.has(error.code)) throw needsNoGit(error);
    if (config.environments[ref] !== undefined && error.code === "UNKNOWN_REVISION")
      throw runsNothing(error, config.environments[ref]);
    throw error;
  }
}

function headName({ branch }: Head): string {
  return branch === undefined ? "HEAD (detached)" : `HEAD (${branch})`;
}

const withoutGit = new Set<Code>(["NOT_A_REPOSITORY", "NO_GIT", "REPOSITORY_NOT_TRUSTED", "NO_COMMITS"]);

function needsNoGit(failure: ThreadsError): ThreadsError {
  const other = "give a release's full sha or an environment's name: neither needs git";
  return failure.with({ advice: [other, ...failure.advice] });
}

function runsNothing(failure: ThreadsError, { ecs }: Pick<EnvironmentConfig, "ecs">): ThreadsError {
  const why =
    ecs === undefined ? "has no hosts, so nothing runs there" : "is on ECS, and threads deploys nothing there yet";
  return failure.with({ message: `${failure.message} (the environment of that name ${why})` });
}

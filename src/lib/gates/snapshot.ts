import type { EnvironmentConfig } from "../config/config.ts";
import { type NamingConfig, publishedNames } from "../config/published-names.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { EcrRepo } from "../image/ecr-repo.ts";
import type { Digest } from "../image/digest.ts";
import type { Approval } from "../ledger/approvals.ts";
import type { RevisionRecords } from "../ledger/evidence.ts";
import type { DeploymentLog, Ledger } from "../ledger/ledger.ts";
import type { Registry, StoredManifest } from "../registry/registry.ts";
import type { ImagePin } from "../release/release.ts";

export interface SnapshotPorts {
  readonly config: NamingConfig;
  readonly repo: Pick<EcrRepo, "repositoryFor" | "tagFor">;
  readonly registry: Pick<Registry, "find" | "findMany">;
  readonly ledger: Pick<Ledger, "deploymentLog" | "revisionRecords" | "approvals">;
}

export interface SnapshotQuery {
  readonly revision: string;
  readonly environment: EnvironmentConfig;
  /** What tags to look for say, beside the revision: `prod-<sha>`, a version. */
  readonly labels: readonly string[];
  /** Those to look for; the configuration's where undefined. */
  readonly services?: readonly string[];
  /** Environments whose deployments are wanted. */
  readonly deployments: readonly string[];
}

/** The registry and the records about one revision, as of one moment: all that can be asked before its bundle has told the digests. */
export interface Snapshot {
  /** What each tag names that was asked for, by repository; undefined where it is not there. A repository that is not there is not in the map. */
  readonly tagged: ReadonlyMap<string, ReadonlyMap<string, StoredManifest | undefined>>;
  readonly revisionRecords: RevisionRecords;
  /** By environment. */
  readonly deploymentLogs: ReadonlyMap<string, DeploymentLog>;
  /** By the bundle that they are of; undefined where the environment asks for none. */
  readonly approvals?: ReadonlyMap<Digest, readonly Approval[]> | undefined;
}

/**
 * Asks for everything about a revision at once. It needs no digest, so it can travel beside the question for the release:
 * begun in the same turn of the event loop, the two cost one round trip, and one request for each repository.
 */
export async function takeSnapshot(query: SnapshotQuery, ports: SnapshotPorts): Promise<Snapshot> {
  const { config, repo, registry, ledger } = ports;
  const { revision, environment, labels, deployments, services } = query;
  const names = services === undefined ? publishedNames(config) : [...services, config.registry.bundle];
  const tags = new Map<string, string[]>();
  for (const service of names) {
    const own = [revision, ...labels].map((label) => repo.tagFor(service, label));
    const repository = repo.repositoryFor(service);
    tags.set(repository, [...(tags.get(repository) ?? []), ...own]);
  }
  const asksPeople = environment.gates.approvals !== undefined;
  const [tagged, revisionRecords, deploymentLogs, approvals] = await Promise.all([
    byName([...tags.keys()], (repository) => taggedIn(registry, repository, tags.get(repository) ?? [])),
    ledger.revisionRecords(environment.name, revision),
    byName(deployments, (name) => ledger.deploymentLog(name)),
    asksPeople ? ledger.approvals(environment.name, revision) : undefined,
  ]);
  return { tagged, revisionRecords, deploymentLogs, approvals };
}

async function taggedIn(
  registry: Pick<Registry, "findMany">,
  repository: string,
  tags: readonly string[],
): Promise<ReadonlyMap<string, StoredManifest | undefined> | undefined> {
  try {
    const found = await registry.findMany(repository, tags);
    return new Map(tags.map((tag) => [tag, found.get(tag)]));
  } catch (error) {
    // A service may be newer than the release, and its repository newer still: whoever needs it asks again, and gets the refusal.
    if (!(error instanceof ThreadsError) || error.code !== "REPOSITORY_NOT_FOUND") throw error;
    return undefined;
  }
}

async function byName<T>(
  names: readonly string[],
  look: (name: string) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T>> {
  const pairs = await Promise.all(names.map(async (name) => [name, await look(name)] as const));
  return new Map(pairs.flatMap(([name, seen]) => (seen === undefined ? [] : [[name, seen] as const])));
}

/** Whether the registry has a digest: seen under one of the tags, and asked for only where none of them names it. */
export async function isThere(
  { repository, digest }: ImagePin,
  { tagged }: Pick<Snapshot, "tagged">,
  registry: Pick<Registry, "find">,
): Promise<boolean> {
  const isSeen = [...(tagged.get(repository)?.values() ?? [])].some((image) => image?.digest === digest);
  return isSeen || (await registry.find(repository, digest)) !== undefined;
}

/**
 * Keeps what was begun early: whoever finds out the revision begins the snapshot, and whoever needs it takes it up. One that
 * nobody takes up may fail in silence: another failure has ended the command already.
 */
export function eachOnce<T>(look: (revision: string) => Promise<T>): (revision: string) => Promise<T> {
  const begun = new Map<string, Promise<T>>();
  return (revision) => {
    const there = begun.get(revision);
    if (there !== undefined) return there;
    const looking = look(revision);
    looking.catch(() => undefined);
    begun.set(revision, looking);
    return looking;
  };
}

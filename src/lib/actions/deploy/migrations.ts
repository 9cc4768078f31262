import { ThreadsError } from "../../errors/threads-error.ts";
import type { RolloutPlan } from "../../fleet/rollout-plan.ts";
import type { Intent } from "../../ledger/ledger.ts";
import type { Progress } from "../../progress/progress.ts";
import { readRelease } from "../../registry/bundle.ts";
import type { Registry } from "../../registry/registry.ts";
import { changeBetween, contractsIn, type MigrationChange } from "../../release/migrations.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, list } from "../../text/words.ts";

/**
 * What a release changes in the database of an environment, by what it and the release that runs there tell.
 * @param current what runs there; its bundle is read only where the release tells of its own
 * @returns undefined where that is not known: it stands in no way
 */
export async function changeOf(
  { release, digest }: PublishedRelease,
  current: Intent | undefined,
  registry: Pick<Registry, "find">,
): Promise<MigrationChange | undefined> {
  if (current?.bundle.digest === digest) return { added: [], dropped: [] };
  if (current === undefined || release.migrations === undefined) return undefined;
  const { repository, digest: bundle } = current.bundle;
  const before = await readRelease(registry, repository, bundle).catch((error: unknown) => {
    if (error instanceof ThreadsError && error.outcome !== "interrupted") return undefined;
    throw error;
  });
  return changeBetween(before?.release.migrations, release.migrations);
}

/** A deployment goes wherever it is told; that it goes back across a contract migration, nobody may find out later. */
export function tellDropped(
  { environment, release, migrations }: Pick<RolloutPlan, "environment" | "release" | "migrations">,
  progress: Pick<Progress, "warn">,
): void {
  const contracts = contractsIn(migrations?.dropped ?? []);
  if (contracts.length === 0) return;
  progress.warn(
    `${shortRevision(release.revision)} is from before ${count(contracts.length, "contract migration")} of ${environment.name}: ${list(contracts)}; the database may lack what it needs`,
  );
}

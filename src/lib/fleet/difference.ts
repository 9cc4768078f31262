import type { Code } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Intent } from "../ledger/ledger.ts";
import { shortRevision } from "../release/revision.ts";
import type { Lineage } from "../source/lineage.ts";
import { count, list } from "../text/words.ts";
import type { RolloutPlan } from "./rollout-plan.ts";
import { type Ships, shipping } from "./ships.ts";

/** What ends because of the release, and not of a host or of AWS. */
const causedByRelease: ReadonlySet<Code> = new Set<Code>(["ROLLED_BACK", "MIGRATION_FAILED", "HOSTS_DIFFER"]);

/** A failed release is told with what it has that the last good one has not: there the cause is looked for first. */
export async function withDifference(
  error: unknown,
  plan: RolloutPlan,
  lineage: Pick<Lineage, "between">,
): Promise<unknown> {
  const { current, release } = plan;
  if (!(error instanceof ThreadsError) || !causedByRelease.has(error.code) || current === undefined) return error;
  const { revision, bundle } = release;
  const ships = await shipping(current, { revision, bundle: bundle.digest }, lineage).catch(() => undefined);
  return error.with({ details: [...error.details, ...differenceLines(plan, current, ships)] });
}

function differenceLines(
  { release, migrations }: Pick<RolloutPlan, "release" | "migrations">,
  current: Intent,
  ships: Ships | undefined,
): readonly string[] {
  if (current.bundle.digest === release.bundle.digest)
    return [`it is the release that ran here before (deployment ${current.number}): what is around it has changed`];
  const added = migrations?.added.map(({ name, kind }) => `${name} (${kind})`) ?? [];
  return [
    `since ${shortRevision(current.revision)}, the last that went well here (deployment ${current.number}):`,
    `  ${imagesText(current.images, release.images)}`,
    ...(added.length === 0 ? [] : [`  ${count(added.length, "migration")}: ${list(added)}`]),
    ...commitLines(ships),
  ];
}

function imagesText(before: Intent["images"], now: Intent["images"]): string {
  const names = (pick: (service: string) => boolean): string[] =>
    [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(pick);
  const changed = names((name) => name in before && name in now && before[name]?.digest !== now[name]?.digest);
  const added = names((name) => !(name in before));
  const removed = names((name) => !(name in now));
  const parts = [
    ...(changed.length === 0 ? [] : [`${changed.length === 1 ? "the image" : "the images"} of ${list(changed)}`]),
    ...(added.length === 0 ? [] : [`${list(added)} ${added.length === 1 ? "is" : "are"} new`]),
    ...(removed.length === 0 ? [] : [`${list(removed)} ${removed.length === 1 ? "is" : "are"} gone`]),
  ];
  return parts.length === 0 ? "the same images: only the compose files, or what travels with them" : parts.join(", ");
}

function commitLines(ships: Ships | undefined): readonly string[] {
  if (ships === undefined || ships.unknown !== null) return [];
  const { commits, dropped, log } = ships;
  return [
    `  ${count(commits, "commit")}${dropped === 0 ? "" : `, and without ${count(dropped, "commit")} that ran here`}`,
    ...log.map((line) => `    ${line}`),
    ...(commits > log.length ? [`    and ${commits - log.length} more`] : []),
  ];
}

import { ThreadsError } from "../../errors/threads-error.ts";
import { describeLine } from "../../registry/describe-line.ts";
import type { Migration } from "../../release/migrations.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Handover } from "../../stack/handover.ts";
import type { Compared } from "./compared.ts";
import { migrationsOf } from "./migrations.ts";
import { localName } from "./plan.ts";
import type { PublishPorts } from "./ports.ts";

/**
 * Git cannot tell which migrations an image has: where the published one is that of this machine, it is asked, and the bundle has
 * to list the same. Another image is asked where it is smoked.
 * @param how.runs whether an image may be run @throws ThreadsError BUNDLE_DIFFERS (refused), MIGRATIONS_UNREADABLE (checks)
 */
export async function requireOwnMigrations(
  published: PublishedRelease,
  how: {
    readonly compared: Compared;
    readonly runs: boolean;
    readonly handover: Pick<Handover, "migrations"> | undefined;
  },
  ports: Pick<PublishPorts, "config" | "compose" | "progress" | "signal">,
): Promise<void> {
  const { app, runtime } = ports.config;
  const { compared, handover, runs } = how;
  const service = runtime.migrations?.service;
  if (service === undefined || !(runs || handover !== undefined)) return;
  if (compared.missing.includes(service) || compared.different.some((one) => one.service === service)) return;
  const { revision } = published.release;
  const said = await migrationsOf({ nameOf: (name) => localName(app, name, revision) }, handover, ports);
  requireMigrations(published, said);
}

/** @param said by the image; undefined for no list. @throws ThreadsError BUNDLE_DIFFERS (refused) where the bundle lists others */
export function requireMigrations(published: PublishedRelease, said: readonly Migration[] | undefined): void {
  const lines = migrationsDiffer(published, said);
  if (lines.length === 0) return;
  throw new ThreadsError("BUNDLE_DIFFERS", {
    message: `the bundle of ${shortRevision(published.release.revision)} lists other migrations than its image`,
    details: lines,
    next: [describeLine(published)],
    advice: ["find out who pushed the bundle", "publish a new commit"],
  });
}

/** How the list of a bundle differs from what its image says; none where both say the same. */
export function migrationsDiffer(
  { release }: Pick<PublishedRelease, "release">,
  said: readonly Migration[] | undefined,
): string[] {
  const [there, here] = [told(release.migrations), told(said)];
  return there === here ? [] : [`the bundle: ${there}`, `the image:  ${here}`];
}

function told(migrations: readonly Migration[] | undefined): string {
  return migrations === undefined
    ? "no list"
    : migrations.map(({ name, kind }) => `${name} ${kind}`).join(", ") || "none";
}

import { ThreadsError } from "../../errors/threads-error.ts";
import { requireProvenance } from "../../gates/judge-provenance.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Handover } from "../../stack/handover.ts";
import { list } from "../../text/words.ts";
import {
  type Compared,
  compareElsewhere,
  compareImages,
  type Different,
  differences,
  mayHaveMoved,
  nothingCompared,
  together,
} from "./compared.ts";
import { elsewhereHere } from "./local-images.ts";
import { requireOwnMigrations } from "./own-migrations.ts";
import type { PublishPorts } from "./ports.ts";
import { type Asked, publishLine } from "./publish-line.ts";
import { describeLine } from "../../registry/describe-line.ts";

export type SameBuildPorts = Pick<
  PublishPorts,
  "config" | "source" | "registry" | "docker" | "compose" | "provenance" | "readFiles" | "progress" | "signal"
>;

interface How {
  readonly asked: Asked;
  /** Whether signatures are to be made. */
  readonly signs: boolean;
  /** Pulls nothing, and runs nothing. */
  readonly dryRun: boolean;
  /** What another machine has smoked, where that is to be published. */
  readonly handover: Pick<Handover, "migrations"> | undefined;
}

/**
 * What is published already is this machine's release only if it is what this machine has smoked, from what git has here: its
 * images, what it pins of others, its proxy, and its migrations. Where one of both is not here to compare with, that is said. No
 * two builds of a commit are the same: whoever is told to adopt lets another one stand, but only where its bundle was compared
 * with git. What is to be signed leaves nothing open: whose it is, somebody has to have said.
 * @throws ThreadsError FOREIGN_RELEASE (conflict), BUNDLE_DIFFERS, SOURCES_UNKNOWN, NOT_SMOKED (refused)
 */
export async function requireSameBuild(
  published: PublishedRelease,
  how: How,
  ports: SameBuildPorts,
): Promise<Compared> {
  const { asked, signs, dryRun } = how;
  const [provenance, built] = await Promise.all([ports.provenance(published), compareImages(published, ports)]);
  const short = shortRevision(published.release.revision);
  const { adopt } = asked;
  const adopting = publishLine({ ...asked, adopt: true });
  if (provenance.state === "unknown" && !signs && !(adopt && built.different.length > 0))
    ports.progress.warn(`nobody has compared the bundle of ${short} with git: ${provenance.why.message}`);
  else requireProvenance(published, provenance);
  // Who has smoked nothing of it has nothing to compare; and only by git's files it is known what else there is.
  const isOwn = provenance.state === "same" && built.missing.length < ports.config.services.length;
  const rest = isOwn
    ? await compareRest(published, { ...how, pulls: !dryRun && built.different.length === 0 }, ports)
    : nothingCompared;
  const { different, missing } = together(built, rest);
  if (different.length > 0 && !adopt) throw foreignRelease(published, different, adopting);
  if (built.missing.length > 0 && signs && !adopt) throw notSmokedHere(published, built.missing, adopting);
  // A plan has not pulled what the run will compare.
  if (missing.length > 0 && signs && !adopt && !dryRun) throw notCompared(published, missing, adopting);
  for (const one of different) ports.progress.warn(stays(one));
  if (built.missing.length > 0)
    ports.progress.warn(
      `this machine has not smoked ${list(built.missing)} of ${short}: whether what is published is what would pass here, it cannot tell`,
    );
  if (rest.missing.length > 0)
    ports.progress.warn(
      `this machine has no image to compare ${list(rest.missing)} of ${short} with: whether it would pin the same, it cannot tell`,
    );
  await requireOwnMigrations(published, { compared: built, runs: !dryRun, handover: how.handover }, ports);
  return { different, missing };
}

/** What is not built here, and the proxy. @param how.pulls what is missing here is fetched, as a publish would */
async function compareRest(
  published: PublishedRelease,
  { pulls, signs }: { readonly pulls: boolean; readonly signs: boolean },
  ports: SameBuildPorts,
): Promise<Compared> {
  const { elsewhere } = await ports.readFiles(published.release.revision);
  const references = Object.values(elsewhere);
  const local = await elsewhereHere(references, { pulls }, ports).catch((error: unknown) => {
    // To publish what is published takes no other registry; what is signed leaves nothing open.
    if (!signs && error instanceof ThreadsError && error.outcome !== "interrupted")
      return elsewhereHere(references, { pulls: false }, ports);
    throw error;
  });
  return compareElsewhere(published, { elsewhere, local }, ports);
}

function notSmokedHere(published: PublishedRelease, missing: readonly string[], adopting: string): ThreadsError {
  return new ThreadsError("NOT_SMOKED", {
    message: `this machine has not smoked ${list(missing)} of ${shortRevision(published.release.revision)}, which a signature would vouch for`,
    next: [describeLine(published), adopting],
    advice: [
      "find out who published it; --adopt pulls what is published, smokes it here, and signs it",
      "or sign it on the machine that smoked it",
    ],
  });
}

function notCompared(published: PublishedRelease, missing: readonly string[], adopting: string): ThreadsError {
  return new ThreadsError("NOT_SMOKED", {
    message: `this machine cannot compare ${list(missing)} of ${shortRevision(published.release.revision)} with an image of its own, and a signature would vouch for it`,
    next: [describeLine(published), adopting],
    advice: [
      "find out who published it; --adopt pulls what is published, smokes it here, and signs it",
      "or sign it on the machine that published it",
    ],
  });
}

function stays({ service, here, there, reference }: Different): string {
  const other = reference === undefined ? "what passed here is another build" : `${reference} is another image here`;
  return `${service} stays as it is published, ${there}: ${other}, of id ${here}`;
}

function foreignRelease(published: PublishedRelease, different: Compared["different"], adopting: string): ThreadsError {
  const short = shortRevision(published.release.revision);
  const moved = mayHaveMoved(different);
  return new ThreadsError("FOREIGN_RELEASE", {
    message:
      moved.length === 0
        ? `another build of ${short} is published, with other images than this machine has`
        : `${short} is published, with other images from elsewhere than this machine has`,
    details: differences(different),
    next: [describeLine(published), adopting],
    advice: [
      ...moved,
      "what is published stays as it is, and can be promoted and deployed: its gates test those very images",
      "if you know who published it, as after a job that was run again, --adopt lets it stand and ends well",
      "for the images of this machine, publish a new commit",
    ],
  });
}

import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Provenance } from "../provenance/provenance.ts";
import type { PublishedRelease, Release } from "../release/release.ts";
import { shortRevision } from "../release/revision.ts";
import { blocked, type GateVerdict, missing } from "./verdict.ts";
import { describeLine } from "../registry/describe-line.ts";

/** @returns undefined where the bundle is what git has at its commit */
export function judgeProvenance(
  { release, digest, repository }: PublishedRelease,
  provenance: Provenance,
): GateVerdict | undefined {
  const short = shortRevision(release.revision);
  if (provenance.state === "unknown") {
    const { why } = provenance;
    const { next, advice } = waysToTell(release, why);
    return {
      ...missing(`whether the bundle is what git has at ${short} cannot be told here: ${why.message}`, ...next),
      advice,
    };
  }
  if (provenance.state === "same") return undefined;
  const [first = "", ...others] = provenance.differences;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return {
    ...blocked(`the bundle is not what git has at ${short}: ${first}${more}`, describeLine({ repository, digest })),
    advice: ["find out who pushed the bundle", "publish a new commit"],
  };
}

/**
 * The same as a refusal, with all that differs. @param other what helps as well where it cannot be told
 * @throws ThreadsError BUNDLE_DIFFERS, SOURCES_UNKNOWN (refused)
 */
export function requireProvenance(
  published: PublishedRelease,
  provenance: Provenance,
  other: Next = { next: [], advice: [] },
): void {
  const verdict = judgeProvenance(published, provenance);
  if (verdict === undefined || provenance.state === "same") return;
  const { says: message, next, advice = [] } = verdict;
  if (provenance.state === "unknown")
    throw new ThreadsError("SOURCES_UNKNOWN", {
      message,
      next: [...next, ...other.next],
      advice: [...advice, ...other.advice],
      details: provenance.why.details,
    });
  throw new ThreadsError("BUNDLE_DIFFERS", {
    message,
    next,
    advice,
    details: provenance.differences.slice(0, mostShown),
  });
}

/** What a person does about it where a machine cannot tell. */
function waysToTell({ revision }: Pick<Release, "revision">, why: ThreadsError): Next {
  if (why.code === "SHALLOW_CLONE") return { next: ["git fetch --unshallow --tags"], advice: [] };
  if (why.code === "UNKNOWN_REVISION" || why.code === "GIT_FAILED")
    return { next: [`git fetch origin ${revision}`, "git fetch --all --tags"], advice: [] };
  return { next: why.next, advice: why.advice };
}

const mostShown = 20;

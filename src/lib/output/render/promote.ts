import type { PromoteResult } from "../../actions/promote/result.ts";
import { shortDigest } from "../../image/digest.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** What `threads promote` tagged, and what to type next. */
export const renderPromote: Render<PromoteResult> = (result, paint) => [
  headline(result, paint),
  ...table([
    ...result.images.map(({ repository, digest, outcome }) => [
      `  ${repository}:${result.tag}`,
      paint.dim(shortDigest(digest)),
      outcome === "create" ? "would be created" : outcome,
    ]),
    [`  ${result.bundle.repository}:${result.tag}`, paint.dim(shortDigest(result.bundle.digest)), last(result)],
  ]),
  ...(result.smoke?.leftovers ?? []).map((name) => paint.warn(`  still there: ${name}`)),
  `  next: ${paint.strong(next(result))}`,
];

function headline({ outcome, revision, environment, smoke }: PromoteResult, paint: Paint): string {
  const what = `${paint.strong(revision)} to ${environment}`;
  if (outcome === "planned") return `Would smoke these digests, then promote ${what}`;
  if (outcome === "already-promoted") return `${paint.good("✔")} Already promoted: ${what}`;
  return `${paint.good("✔")} Promoted ${what}, smoke passed (${String(smoke?.checks.length ?? 0)} checks)`;
}

function last({ outcome }: PromoteResult): string {
  return outcome === "planned" ? "would be tagged last" : "the release";
}

function next({ outcome, revision, environment }: PromoteResult): string {
  return outcome === "planned" ? `threads promote ${revision} -e ${environment}` : `threads deploy -e ${environment}`;
}

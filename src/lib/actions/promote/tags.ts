import { ThreadsError } from "../../errors/threads-error.ts";
import { requireTag } from "../../image/tag.ts";
import { promotedTag } from "../../release/release.ts";

/** Semantic Versioning 2.0.0 without build metadata, with or without the usual `v`. */
const version = /^v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** What the tags say that a promotion gives: the version first where there is one, the environment's own last, because it is the commit point. */
export function labelsFor(environment: string, revision: string, as: string | undefined): readonly string[] {
  const own = requireTag(promotedTag(environment, revision));
  return as === undefined ? [own] : [requireVersion(as), own];
}

/** @throws ThreadsError NOT_A_VERSION (usage) */
export function requireVersion(text: string): string {
  if (version.test(text)) return requireTag(text);
  const plus = text.includes("+");
  throw new ThreadsError("usage", {
    code: "NOT_A_VERSION",
    message: plus
      ? `${JSON.stringify(text)} has build metadata, and an image tag cannot have a "+"`
      : `${JSON.stringify(text)} is not a version like v1.2.3`,
    next: [plus ? `--as ${text.replaceAll("+", "-")}` : "--as v1.2.3"],
  });
}

import { labels } from "./commands.ts";
import { isProjectName } from "./project-name.ts";

export interface LabelledStack {
  readonly project: string;
  /** `<host>:<pid>`, empty where it is not one of ours. */
  readonly owner: string;
  /** Seconds since the epoch; NaN where it is not one of ours. */
  readonly started: number;
  readonly kind: "smoke" | "test" | undefined;
  /** Somebody wants to look at it: it goes when a person says so. */
  readonly kept: boolean;
}

/** A run takes minutes; what is this old and has no living owner was left by one that was killed. */
export const staleSeconds = 2 * 60 * 60;

/** @param text lines of `listLabelled`: JSON arrays of project, owner, start, smoke, test, keep */
export function parseLabelled(text: string): LabelledStack[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [project = "", owner = "", started = "", smoke = "", test = "", keep = ""] = JSON.parse(line) as string[];
      const kind = smoke === "1" ? "smoke" : test === "1" ? "test" : undefined;
      return { project, owner, started: started === "" ? Number.NaN : Number(started), kind, kept: keep === "1" };
    });
}

/** What a run that was killed has left. */
export interface Stale {
  readonly project: string;
  /** Seconds since the epoch. */
  readonly started: number;
}

/**
 * Projects of ours whose run is dead: labelled and named by us, older than two hours, nobody alive to clean up, not kept. Never
 * anything else: a label alone proves nothing, an image may bring it.
 */
export function staleProjects(
  found: readonly LabelledStack[],
  now: { readonly ms: number; readonly alive: (owner: string) => boolean },
): Stale[] {
  const old = found.filter(
    ({ project, kind, owner, started, kept }) =>
      kind !== undefined &&
      !kept &&
      isProjectName(project, kind) &&
      now.ms / 1000 - started > staleSeconds &&
      !now.alive(owner),
  );
  return [...new Map(old.map(({ project, started }) => [project, { project, started }])).values()];
}

/** What a person types to see everything that `threads` started here and that is still there. */
export const listOurs = `docker ps -a --filter label=${labels.owner}`;

import { labels } from "./commands.ts";

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

/** A run takes minutes; what is this old and names no owner was left by one that was killed. */
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

/** What a person types to see everything that `threads` started here and that is still there. */
export const listOurs = `docker ps -a --filter label=${labels.owner}`;

import { createHash } from "node:crypto";

interface Check {
  readonly path: string;
  readonly status: number;
}

/** Letters of a mark: of two hundred checks, two share one in three million records. */
const letters = 6;
/** So many marks have room in a record of 4 KB, beside twenty checks by name. */
const mostMarks = 100;

/** Checks without room for their names, each as the beginning of a hash of its path and status. */
export function marksOf(checks: readonly Check[]): string {
  return checks.slice(0, mostMarks).map(markOf).join("");
}

/** How many checks the marks are of. */
export function countMarks(marks: string): number {
  return marks.length / letters;
}

export function isMarked(marks: string, check: Check): boolean {
  const mark = markOf(check);
  for (let at = 0; at < marks.length; at += letters) if (marks.startsWith(mark, at)) return true;
  return false;
}

function markOf({ path, status }: Check): string {
  return createHash("sha256")
    .update(`${String(status)} ${path}`)
    .digest("base64url")
    .slice(0, letters);
}

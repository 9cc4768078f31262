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

/** Letters that a check's name has in a record. */
const longestName = 80;
/** Stands before the mark at the end of a name that is cut. */
const beforeMark = "~";

/** A check as a record names it: what is too long ends with a mark, so that two of one beginning stay two. */
export function nameInRecord(check: Check): string {
  const { path } = check;
  if (path.length <= longestName) return path;
  return `${path.slice(0, longestName - letters - beforeMark.length)}${beforeMark}${markOf(check)}`;
}

/** Which checks a record does not name. In older ones long names are cut, and each of these stands for one check. */
export function unnamed<Asked extends Check>(wanted: readonly Asked[], named: readonly Check[]): readonly Asked[] {
  const cut = named.filter(({ path }) => path.length === longestName);
  const takes = (is: (one: Check) => boolean): boolean => {
    const at = cut.findIndex(is);
    if (at >= 0) cut.splice(at, 1);
    return at >= 0;
  };
  const left = wanted.filter((check) => {
    const path = nameInRecord(check);
    const isIt = (one: Check): boolean => one.path === path && one.status === check.status;
    takes(isIt);
    return !named.some(isIt);
  });
  return left.filter((check) => !takes(({ path, status }) => status === check.status && check.path.startsWith(path)));
}

function markOf({ path, status }: Check): string {
  return createHash("sha256")
    .update(`${String(status)} ${path}`)
    .digest("base64url")
    .slice(0, letters);
}

/** What `git status --porcelain=v2 --branch -z` says. */
export interface Status {
  readonly branch: string | undefined;
  readonly upstream: string | undefined;
  /** Commits that the upstream lacks; undefined without an upstream, or when its branch is gone. */
  readonly ahead: number | undefined;
  readonly dirty: readonly string[];
}

/** Words before the path in each kind of entry (git-status(1), "Porcelain Format Version 2"). */
const wordsBeforePath: Readonly<Record<string, number>> = { "1": 8, "2": 9, u: 10, "?": 1 };

/** Pure reader of the NUL-separated form, the only one in which a path with blanks or quotes is unambiguous. */
export function parseStatus(output: string): Status {
  const headers = new Map<string, string>();
  const dirty: string[] = [];
  const fields = output.split("\0");
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? "";
    const header = /^# branch\.(\S+) (.*)$/.exec(field);
    if (header) headers.set(header[1] ?? "", header[2] ?? "");
    const words = wordsBeforePath[field.slice(0, field.indexOf(" "))];
    if (words !== undefined && !header) dirty.push(field.split(" ").slice(words).join(" "));
    // A rename is followed by its old path in a field of its own.
    if (field.startsWith("2 ")) index += 1;
  }
  const branch = headers.get("head");
  const ahead = /^\+(\d+)/.exec(headers.get("ab") ?? "")?.[1];
  return {
    branch: branch === "(detached)" ? undefined : branch,
    upstream: headers.get("upstream"),
    ahead: ahead === undefined ? undefined : Number(ahead),
    dirty,
  };
}

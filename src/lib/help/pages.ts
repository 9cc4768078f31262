import { existsSync, readdirSync, readFileSync } from "node:fs";

/** A subject of `threads help`: the Markdown file of that name beside this one. */
export interface Page {
  readonly name: string;
  /** Its first heading. */
  readonly title: string;
  readonly text: string;
}

const place = (file: string): URL => new URL(file, import.meta.url);

/** The subjects, by alphabet. */
export function pageNames(): string[] {
  return readdirSync(place("."))
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length))
    .toSorted();
}

/** @param asked in any case; `ECR_REPO` is `ecr-repo` */
export function findPage(asked: string): Page | undefined {
  const name = asked.toLowerCase().replaceAll("_", "-");
  if (!/^[a-z-]+$/.test(name) || !existsSync(place(`${name}.md`))) return undefined;
  // Comments mark what is made from sources.
  const text = readFileSync(place(`${name}.md`), "utf8").replaceAll(/^<!-- .* -->\n\n?/gm, "");
  return { name, title: /^# (.*)/.exec(text)?.[1] ?? name, text };
}

/** @returns whether what was asked for is a subject or a schema, and no command */
export function isSubject(words: readonly string[]): boolean {
  const [first = "", ...more] = words;
  return findPage(first) !== undefined && (more.length === 0 || first.toLowerCase() === "json");
}

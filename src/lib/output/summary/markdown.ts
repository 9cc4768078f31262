/** Blocks of GitHub's Markdown that show their text as it is, whoever wrote it. */

/** A table has no more rows than this. */
const mostRows = 100;
/** Of one cell or sentence, in characters. */
const longest = 2_000;
/** Of a block of lines, in bytes: what is quoted must leave room for what is said. */
const mostQuoted = 24_000;

/** Text as text: nothing in it is a heading, a link, HTML or a table's bar. */
export function plain(text: string): string {
  const shown = withoutControls(text.length > longest ? `${text.slice(0, longest)}…` : text);
  return shown
    .split("\n")
    .map((line) =>
      line
        .trim()
        .replaceAll(/[\\`*_[\]<>#|~$&!{}]/g, String.raw`\$&`)
        .replaceAll(/:(?=[\w+-]+:)/g, String.raw`\:`)
        .replace(/^([-+=])/, String.raw`\$1`)
        .replace(/^(\d+)([.)])/, String.raw`$1\$2`),
    )
    .join("<br>");
}

/** A word that is typed or compared: a sha, a digest, a command. */
export function code(text: string): string {
  if (text === "") return "";
  // In a table a bar ends the cell, in code too.
  const shown = withoutControls(text)
    .replaceAll("\n", " ")
    .replaceAll("|", String.raw`\|`);
  const fence = "`".repeat(longestRun(shown) + 1);
  const pad = /^`|`$/.test(shown) ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Lines as they are; of many the first few and the last, which tell most. */
export function quoted(lines: readonly string[], language = "text"): string {
  const shown = shortened(lines.map((line) => withoutControls(line).replaceAll("\n", " ")));
  const fence = "`".repeat(Math.max(3, longestRun(shown.join("\n")) + 1));
  return [`${fence}${language}`, ...shown, fence].join("\n");
}

/** @param rows of cells that are Markdown already; columns in which nothing stands leave, and of no rows nothing is left */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const used = heading.map((_, at) => rows.some((row) => (row[at] ?? "") !== ""));
  const line = (cells: readonly string[]): string => `| ${cells.filter((_, at) => used[at]).join(" | ")} |`;
  const more = rows.length > mostRows ? [`\nand ${rows.length - mostRows} more`] : [];
  return [line(heading), line(heading.map(() => "---")), ...rows.slice(0, mostRows).map(line), ...more].join("\n");
}

function withoutControls(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- what a terminal would obey has no business in a page
      .replaceAll(/\u001B\[[0-?]*[ -/]*[@-~]/g, "")
      // eslint-disable-next-line no-control-regex -- as above; the last ones turn the direction of what follows
      .replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, " ")
  );
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 0);
}

const firstLines = 20;
const longestLine = 400;

function shortened(lines: readonly string[]): string[] {
  const cut = lines.map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line));
  let room = mostQuoted;
  const takes = (line: string): boolean => (room -= Buffer.byteLength(line) + 1) >= 0;
  const first = cut.slice(0, firstLines).filter(takes);
  const last = cut.slice(firstLines).toReversed();
  const end = last.findIndex((line) => !takes(line));
  if (end === -1) return cut;
  const kept = last.slice(0, end).toReversed();
  return [...first, `… ${cut.length - first.length - kept.length} lines …`, ...kept];
}

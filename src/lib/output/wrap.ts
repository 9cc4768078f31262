// oxlint-disable-next-line no-control-regex -- ANSI colour codes begin with the escape character
const colourCodes = /\u001B\[\d+m/g;

/** How many columns of a terminal a text takes: colour codes take none. */
export function seenWidth(text: string): number {
  return Array.from(text.replaceAll(colourCodes, "")).length;
}

const standing = "\u0000";

/** A line of a file or a script: broken by us it would be another one, so the terminal breaks it. @param columns its width */
export function asItStands(line: string, columns: number | undefined): string {
  return columns === undefined || seenWidth(line) <= columns ? line : `${standing}${line}`;
}

/** The lines of a file, for whoever copies it off the screen. @param columns width of the terminal */
export function fileLines(text: string, columns: number | undefined): string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => asItStands(line, columns));
}

/** Commands are copied as they stand: a terminal breaks them without a line end of its own. */
const commandLine = /^\s*(?:next:|or:|again:|undo:|older:|→|\$ )/;

/**
 * A line in parts that fit, broken between words, the later ones under the first. What has no room at all is left whole.
 * @param columns width of the terminal. @param hang indentation of the later parts; two more than the line's own otherwise
 */
export function wrapped(line: string, columns: number, hang?: number): string[] {
  if (line.startsWith(standing)) return [line.slice(standing.length)];
  const plain = line.replaceAll(colourCodes, "");
  if (seenWidth(line) <= columns || (hang === undefined && commandLine.test(plain))) return [line];
  const own = /^\s*/.exec(plain)?.[0].length ?? 0;
  const indent = " ".repeat(hang ?? own + 2);
  const parts: string[] = [];
  // The line's own indentation and the gaps between columns are no words.
  let part = "";
  for (const piece of line.split(/(?<=\S)(?=\s)/)) {
    if (part !== "" && seenWidth(part + piece) > columns) {
      parts.push(part);
      part = indent + piece.trimStart();
    } else part += piece;
  }
  return [...parts, part];
}

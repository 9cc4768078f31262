import { lexer, type Token, type Tokens } from "marked";
import { type Paint, plainPaint } from "../paint.ts";
import { table } from "../table.ts";
import { seenWidth, wrapped } from "../wrap.ts";

/** Longer lines than this are hard to read, however wide the terminal. */
const mostColumns = 100;

/** Markdown as a person reads it on a terminal of so many columns. */
export function renderMarkdown(text: string, paint: Paint, columns: number): string[] {
  const room = Math.min(columns, mostColumns);
  const blocks = lexer(text).flatMap((token) => {
    const lines = blockLines(token, paint, room);
    return lines.length === 0 ? [] : [lines];
  });
  return blocks.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
}

function blockLines(token: Token, paint: Paint, room: number): string[] {
  switch (token.type) {
    case "heading":
      return wrapped(inline((token as Tokens.Heading).tokens, plainPaint), room, 0).map((line) => paint.strong(line));
    case "paragraph":
      return wrapped(inline((token as Tokens.Paragraph).tokens, paint), room, 0);
    case "list":
      return (token as Tokens.List).items.flatMap((item) => wrapped(`- ${inline(item.tokens, paint)}`, room, 2));
    case "code":
      return (token as Tokens.Code).text.split("\n").map((line) => `    ${line}`);
    case "table":
      return tableLines(token as Tokens.Table, paint, room);
    default:
      return [];
  }
}

/** The last column needs no more than this: it is prose, and goes on below itself. */
const proseWidth = 32;

function tableLines({ header, rows }: Tokens.Table, paint: Paint, room: number): string[] {
  const head = header.map(({ tokens }) => inline(tokens, plainPaint));
  const cells = rows.map((row) => row.map(({ tokens }) => inline(tokens, paint)));
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => seenWidth(row[column] ?? ""))));
  const needed = widths.reduce(
    (sum, width, column) => sum + (column < head.length - 1 ? width + 2 : Math.min(width, proseWidth)),
    0,
  );
  if (needed > room) return cells.flatMap((row) => belowOneAnother(row, head, paint, room));
  const painted = head.map((cell) => paint.dim(cell));
  return table([painted, ...cells], { columns: room, leave: [] }).flatMap((row) => row.split("\n"));
}

/** A row of a table that has no room as one: its first cell, and under it the others by their columns. */
function belowOneAnother(
  [first = "", ...others]: readonly string[],
  head: readonly string[],
  paint: Paint,
  room: number,
): string[] {
  const named = others.map((cell, index) =>
    others.length === 1 ? cell : `${paint.dim(`${head[index + 1] ?? ""}:`)} ${cell}`,
  );
  const lines = named.filter((_, index) => others[index] !== "").flatMap((cell) => wrapped(`  ${cell}`, room, 4));
  return [...wrapped(first, room, 2), ...lines];
}

/** What stands within a line. Where nothing is painted, code keeps the marks that set it off. */
function inline(tokens: readonly Token[] | undefined, paint: Paint): string {
  return (tokens ?? []).map((token) => inlineText(token, paint)).join("");
}

function inlineText(token: Token, paint: Paint): string {
  switch (token.type) {
    case "codespan":
      return paint === plainPaint ? token.raw : paint.strong((token as Tokens.Codespan).text);
    case "strong":
      return paint.strong(inline((token as Tokens.Strong).tokens, paint));
    case "em":
    case "paragraph":
      return inline((token as Tokens.Em | Tokens.Paragraph).tokens, paint);
    case "link":
      return linkText(token as Tokens.Link, paint);
    case "text":
      // A text of a list has tokens of its own.
      return "tokens" in token && token.tokens !== undefined ? inline(token.tokens, paint) : oneLine(token);
    default:
      return token.raw;
  }
}

const oneLine = (token: Token): string => ("text" in token ? String(token.text) : token.raw).replaceAll("\n", " ");

/** Another subject is named by what shows it; a file of the repository by its text alone. */
function linkText({ href, tokens }: Tokens.Link, paint: Paint): string {
  const text = inline(tokens, paint);
  const [, subject] = /^([a-z-]+)\.md(?:#.*)?$/.exec(href) ?? [];
  if (subject !== undefined) return `${text} (threads help ${subject})`;
  return href.startsWith("https://") ? `${text} (${href})` : text;
}

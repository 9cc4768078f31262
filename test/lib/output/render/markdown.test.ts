import { describe, expect, it } from "vitest";
import { findPage, pageNames } from "../../../../src/lib/help/pages.ts";
import { type Paint, plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderHelp } from "../../../../src/lib/output/render/help.ts";
import { renderMarkdown } from "../../../../src/lib/output/render/markdown.ts";
import { seenWidth } from "../../../../src/lib/output/wrap.ts";

const bold = (text: string): string => `<${text}>`;
const paint: Paint = { ...plainPaint, strong: bold };

const page = `# A title

The first line
and a second one of \`code\`, with [gates](gates.md), [there](https://example.com/x) and [a file](../../x.yml).

    $ threads deploy -e prod

- one of a list that is so long that it must go on below
- **two**

| key | is |
|---|---|
| \`a\` | <sha> & "b" |
`;

it("is read on a terminal as text", () => {
  expect(renderMarkdown(page, plainPaint, 50)).toEqual([
    "A title",
    "",
    "The first line and a second one of `code`, with",
    "gates (threads help gates), there",
    "(https://example.com/x) and a file.",
    "",
    "    $ threads deploy -e prod",
    "",
    "- one of a list that is so long that it must go on",
    "  below",
    "- two",
    "",
    "key  is",
    '`a`  <sha> & "b"',
  ]);
});

it("shows a row of a table that has no room below one another", () => {
  const wide =
    "| written | means | asked |\n|---|---|---|\n| `HOST/app-{service}` | a repository for each service | |\n| `HOST` | the same | STS |";
  expect(renderMarkdown(wide, plainPaint, 40)).toEqual([
    "`HOST/app-{service}`",
    "  means: a repository for each service",
    "`HOST`",
    "  means: the same",
    "  asked: STS",
  ]);
});

it("marks code by how it is painted, where anything is", () => {
  const [title, , text] = renderMarkdown("# A title\n\nOf `code`.", paint, 80);
  expect([title, text]).toEqual(["<A title>", "Of <code>."]);
});

it("is left as it stands where nobody reads on a terminal, and a schema is JSON", () => {
  const shown = { outcome: "shown", page: "x", subjects: [], next: [], advice: [] } as const;
  expect(renderHelp({ ...shown, text: "# A\n\n`b`\n", schema: null }, plainPaint)).toEqual(["# A", "", "`b`"]);
  expect(renderHelp({ ...shown, text: null, schema: { a: 1 } }, plainPaint, 60)).toEqual(["{", '  "a": 1', "}"]);
});

describe.each([60, 80, 200])("in %i columns", (columns) => {
  it.each(pageNames())("threads help %s fits", (name) => {
    const lines = renderMarkdown(findPage(name)?.text ?? "", plainPaint, columns);
    expect(lines.join("\n")).not.toMatch(/\|---|^#|<!--/m);
    // What is shown of a terminal or a file is not broken.
    const prose = lines.filter((line) => !line.startsWith("    "));
    expect(prose.filter((line) => seenWidth(line) > columns && line.trim().includes(" "))).toEqual([]);
  });
});

import { assert, constantFrom, property, string } from "fast-check";
import { Marked } from "marked";
import { describe, expect, it } from "vitest";
import { code, plain, quoted, table } from "../../../../src/lib/output/summary/markdown.ts";

const marked = new Marked({ gfm: true });

/** What a reader sees. */
function shown(markdown: string): string {
  const html = marked.parse(markdown, { async: false });
  return html
    .replaceAll(/<br\s*\/?>/g, "\n")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .trim();
}

const words = string({
  unit: constantFrom(...Array.from("aZ9 `*_[]()<>#|~$&!{}:;-+=.\\'\"/@")),
  minLength: 1,
  maxLength: 40,
})
  .map((text) => text.trim().replaceAll(/ +/g, " "))
  .filter((text) => text !== "");

describe("text as text", () => {
  it("is read as it was written, whatever stands in it", () => {
    assert(
      property(words, (text) => {
        expect(shown(plain(text))).toBe(text);
      }),
    );
  });

  it("stays in its cell", () => {
    assert(
      property(words, words, (one, other) => {
        const html = marked.parse(table(["a", "b"], [[plain(one), code(other)]]), { async: false });
        const cells = [...html.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell = ""]) => shown(cell));
        expect(cells).toHaveLength(2);
        expect(html.match(/<tr>/g)).toHaveLength(2);
      }),
    );
  });

  it("brings no HTML, no link, no picture and no heading", () => {
    const text = "# <img src=x onerror=alert(1)> ![p](e) [l](e) <details>\n- - -\n1. one :tada: $x$";
    const html = marked.parse(plain(text), { async: false });
    expect(html).not.toMatch(/<(?!\/?p>|br>)/);
    expect(plain(text)).toContain(String.raw`\:tada:`);
  });

  it("loses what a terminal would obey", () => {
    expect(plain("\u001B[31mred\u001B[0m\u0007\u202Etxt")).toBe("red  txt");
  });

  it("is cut where it has no end", () => {
    expect(plain("x".repeat(5_000)).length).toBe(2_001);
  });
});

describe("code", () => {
  it("is shown as it is, bars and backticks too", () => {
    for (const text of ["a", "a`b", "`a`", "``", "<b>&amp;", "*a*"]) expect(shown(code(text))).toBe(text);
    expect(code("a|b")).toBe(String.raw`${"`"}a\|b${"`"}`);
  });
});

describe("lines that are quoted", () => {
  it("cannot end their quotation", () => {
    const lines = ["```", "# no heading", "````", "<b>"];
    const html = marked.parse(`${quoted(lines)}\n\nafter`, { async: false });
    expect(html.match(/<pre>/g)).toHaveLength(1);
    expect(html).not.toContain("<h1>");
    expect(html).toContain("<p>after</p>");
  });

  it("of many keep the first and the last", () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index} ${"x".repeat(50)}`);
    const text = quoted(lines);
    expect(Buffer.byteLength(text)).toBeLessThan(25_000);
    expect(text).toContain("line 0 ");
    expect(text).toContain("line 4999 ");
    expect(text).toMatch(/\n… \d+ lines …\n/);
  });

  it("are each cut where they have no end", () => {
    expect(quoted(["x".repeat(10_000)]).length).toBeLessThan(500);
  });
});

describe("a table", () => {
  it("has no column in which nothing stands, and no end of rows", () => {
    const rows = Array.from({ length: 300 }, (_, index) => [String(index), "", "b"]);
    const text = table(["a", "none", "c"], rows);
    expect(text.split("\n").slice(0, 3)).toEqual(["| a | c |", "| --- | --- |", "| 0 | b |"]);
    expect(text).toMatch(/\n\nand 200 more$/);
    expect(table(["a"], [])).toBe("");
  });
});

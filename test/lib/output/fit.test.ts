import { describe, expect, test } from "vitest";
import { moment } from "../../../src/lib/output/moment.ts";
import { showsSymbols, withoutSymbols } from "../../../src/lib/output/symbols.ts";
import { table } from "../../../src/lib/output/table.ts";
import { asItStands, seenWidth, wrapped } from "../../../src/lib/output/wrap.ts";

describe("a table", () => {
  const rows = [
    ["prod-1", "i-0123456789abcdef0", "web", "healthy"],
    ["prod-2", "i-0123456789abcdef1", "celery", "unhealthy"],
  ];

  test("is whole where there is room, and where nobody reads it on a terminal", () => {
    const whole = ["prod-1  i-0123456789abcdef0  web     healthy", "prod-2  i-0123456789abcdef1  celery  unhealthy"];
    expect(table(rows, { columns: 46, leave: [1, 2] })).toEqual(whole);
    expect(table(rows, { columns: undefined, leave: [1, 2] })).toEqual(whole);
  });

  test("loses its columns by rank, and no more of them than it must", () => {
    expect(table(rows, { columns: 45, leave: [1, 2] })).toEqual([
      "prod-1  web     healthy",
      "prod-2  celery  unhealthy",
    ]);
    expect(table(rows, { columns: 20, leave: [1, 2] })).toEqual(["prod-1  healthy", "prod-2  unhealthy"]);
  });

  test("goes on below its last column, between words", () => {
    const prose = [["smoke", "missing", "no smoke test of these digests has passed so far"]];
    expect(table(prose, { columns: 40, leave: [] })).toEqual([
      "smoke  missing  no smoke test of these\n                digests has passed so\n                far",
    ]);
  });

  test("is not made wider by a row that runs on", () => {
    expect(
      table([
        ["a", "a sentence that is long"],
        ["b", "c", "d"],
      ]),
    ).toEqual(["a  a sentence that is long", "b  c  d"]);
  });
});

describe("a line that is too wide", () => {
  test("is broken between words, under its own indentation", () => {
    expect(wrapped("  one two three", 10)).toEqual(["  one two", "    three"]);
    expect(wrapped("fits", 4)).toEqual(["fits"]);
    expect(wrapped("unbreakable", 4)).toEqual(["unbreakable"]);
  });

  test("is left whole where it is a file's: the terminal breaks it, and nobody copies another one", () => {
    const line = "# a comment that goes on and on";
    expect(wrapped(asItStands(line, 20), 20)).toEqual([line]);
    expect([asItStands(line, 80), asItStands(line, undefined)]).toEqual([line, line]);
  });

  test("is left whole where it is a command to copy", () => {
    expect(wrapped("  next: threads deploy -e prod", 10)).toEqual(["  next: threads deploy -e prod"]);
    expect(wrapped("    or: threads rollback -e prod", 10)).toHaveLength(1);
  });

  test("is measured without its colours", () => {
    const painted = "\u001B[31mone\u001B[39m two";
    expect(seenWidth(painted)).toBe(7);
    expect(wrapped(painted, 7)).toEqual([painted]);
  });
});

test.each([
  [{}, true],
  [{ LANG: "en_GB.UTF-8" }, true],
  [{ LC_ALL: "C.UTF-8", LANG: "C" }, true],
  [{ LC_ALL: "C", LANG: "en_GB.UTF-8" }, false],
  [{ LC_ALL: "", LC_CTYPE: "POSIX" }, false],
  [{ TERM: "dumb", LANG: "en_GB.UTF-8" }, false],
])("symbols under %j: %s", (env, shown) => expect(showsSymbols(env)).toBe(shown));

test("what is ours has a form in ASCII, what others wrote stays", () => {
  expect(withoutSymbols("✔ Promoted → prod … ✖ · ü")).toBe("+ Promoted -> prod ... x - ü");
});

describe("a moment", () => {
  const now = new Date(2026, 10, 27, 21, 0).getTime();
  const at = (...parts: [number, number, number, number, number]): string => new Date(...parts).toISOString();
  test.each([
    [at(2026, 10, 27, 20, 55), "5 min ago"],
    [at(2026, 10, 27, 21, 1), "just now"],
    [at(2026, 10, 27, 9, 5), "09:05 today"],
    [at(2026, 10, 26, 23, 59), "23:59 yesterday"],
    [at(2026, 10, 3, 20, 24), "3 Nov 20:24"],
    [at(2025, 10, 3, 20, 24), "3 Nov 2025 20:24"],
    ["nonsense", "nonsense"],
  ])("%s is %s", (text, said) => expect(moment(text, now)).toBe(said));
});

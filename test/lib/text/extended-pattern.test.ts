import { expect, test } from "vitest";
import { extendedPattern } from "../../../src/lib/text/extended-pattern.ts";

test.each([
  ["ERROR|Traceback", "an ERROR"],
  ["^[[:upper:]]+ [[:digit:]]{2}$", "ABC 12"],
  ["[^[:space:][:punct:]]x", "ax"],
  [String.raw`\<web\>`, "the web is"],
])("%s finds what grep -E finds", (pattern, text) => {
  expect(extendedPattern(pattern).test(text)).toBe(true);
  expect(extendedPattern(pattern).test("-- --")).toBe(false);
});

/** What `grep -E` of GNU finds and does not, in the locale C: `printf %s TEXT | grep -cE PATTERN`. */
const asGrep: readonly (readonly [pattern: string, found: readonly string[], not: readonly string[]])[] = [
  ["[]x]y", ["]y", "xy"], ["y", "ay", "[y"]],
  ["[^]x]y", ["ay", "[y"], ["]y", "xy"]],
  ["[[.a.]]1", ["a1"], [".1", "[1", "a.]1"]],
  ["[[.-.]x]1", ["-1", "x1"], [".1", "a1"]],
  ["[[.].]]1", ["]1"], [".1"]],
  ["[[=e=]]1", ["e1"], ["=1"]],
  ["[[.a.]-c]1", ["a1", "b1", "c1"], ["d1", "-1"]],
  ["[a-]1", ["a1", "-1"], ["b1"]],
  ["[-a]1", ["a1", "-1"], ["b1"]],
  ["[[]1", ["[1"], ["]1"]],
  ["[a^]1", ["a1", "^1"], ["b1"]],
  [String.raw`[\]1`, [String.raw`\1`], ["]1"]],
  [String.raw`[\d]1`, ["d1", String.raw`\1`], ["11"]],
  [String.raw`\[[0-9]+\] \[x`, ["[12] [x"], ["12 x"]],
  ["[[:digit:]-]x", ["1x", "-x"], ["ax"]],
  ["^a{,2}$", ["", "a", "aa"], ["aaa"]],
];

test.each(asGrep)("%s finds what grep -E finds, in brackets as well", (pattern, found, not) => {
  const made = extendedPattern(pattern);
  expect(found.filter((text) => !made.test(text))).toEqual([]);
  expect(not.filter((text) => made.test(text))).toEqual([]);
});

test.each(["[[:letters:]]", "[a", "[]", "[^]", "[[.a", "[[.ab.]]", "[a-[:digit:]]", "[z-a]"])(
  "%s is no pattern",
  (pattern) => {
    expect(() => extendedPattern(pattern)).toThrow(SyntaxError);
  },
);

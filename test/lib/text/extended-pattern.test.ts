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

test("a class that is none is no pattern", () => {
  expect(() => extendedPattern("[[:letters:]]")).toThrow(SyntaxError);
});

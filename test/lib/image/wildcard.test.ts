import { expect, test } from "vitest";
import { wildcard } from "../../../src/lib/image/wildcard.ts";

test.each([
  ["prod-*", "prod-1", true],
  ["prod-*", "prod-", true],
  ["prod-*", "my-prod-1", false],
  ["*-web", "prod-1-web", true],
  ["v1.0", "v1x0", false],
  ["a+b", "aab", false],
  ["a+b", "a+b", true],
  ["[ab]", "a", false],
  ["*", "", true],
])("%s and %s: %s", (pattern, tag, is) => {
  expect(wildcard(pattern).test(tag)).toBe(is);
});

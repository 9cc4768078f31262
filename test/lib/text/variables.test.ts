import { expect, it } from "vitest";
import { withDefaults } from "../../../src/lib/text/variables.ts";

it.each([
  ["redis:${REDIS:-7}", "redis:7"],
  ["${PORT-8080}:80", "8080:80"],
  ["${NAME:-}x", "x"],
  ["${TAG:-${OLD:-1.2}}", "1.2"],
  ["${REGISTRY}/web:${TAG:?which}", "${REGISTRY}/web:${TAG:?which}"],
])("%s is read as %s where nobody sets it", (text, read) => {
  expect(withDefaults(text)).toBe(read);
});

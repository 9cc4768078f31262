import { describe, expect, it } from "vitest";
import { quoteEnvValue, renderEnvFile } from "../../../src/lib/compose/env-file.ts";

describe("quoteEnvValue", () => {
  it.each([
    ["plain", "'plain'"],
    ['$HOME # "x" \\n', "'$HOME # \"x\" \\n'"],
    ["it's $5", `"it's \\$5"`],
    ["ends with \\", `"ends with \\\\"`],
    ["", "''"],
  ])("%s", (value, quoted) => {
    expect(quoteEnvValue(value)).toBe(quoted);
  });
});

it("renders one key a line", () => {
  expect(
    renderEnvFile(
      new Map([
        ["A", "1"],
        ["B", ""],
      ]),
    ),
  ).toBe("A='1'\nB=''\n");
});

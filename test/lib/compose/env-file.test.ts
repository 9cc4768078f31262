import { describe, expect, it } from "vitest";
import { fillTemplate, quoteEnvValue, renderEnvFile } from "../../../src/lib/compose/env-file.ts";

const fill = (text: string, generate: string[] = []): Record<string, string> =>
  Object.fromEntries(fillTemplate({ path: ".env.example", text, generate }, () => "random"));

describe("fillTemplate", () => {
  it("keeps values, generates secrets, ignores comments", () => {
    expect(
      fill('# a comment\nA=1\n\nSECRET=\nexport B = two words # why\nC=\'$x # y\'\nD="q\\""\nE=#', ["SECRET"]),
    ).toEqual({
      A: "1",
      SECRET: "random",
      B: "two words",
      C: "$x # y",
      D: 'q"',
      E: "",
    });
  });

  it("reads files with CRLF like others", () => {
    expect(fill("A=1\r\nB='2'\r\n")).toEqual({ A: "1", B: "2" });
  });

  it("keeps an optional key that is empty", () => {
    expect(fill("# Optional.\nA=")).toEqual({ A: "" });
  });

  it("refuses by name a key that says it is required and is empty", () => {
    expect(() => fill("# Host names. Required.\nHOSTS=\nB=1\n# Required\nC=")).toThrow(
      ".env.example leaves HOSTS, C empty, but requires a value",
    );
  });

  it("does not take the comment of one key for that of the next", () => {
    expect(fill("# Required\nA=1\nB=\n# Required\n\nC=")).toEqual({ A: "1", B: "", C: "" });
  });

  it("refuses by name a generated key that the template lacks", () => {
    expect(() => fill("A=1", ["SECRET", "TOKEN"])).toThrow(
      ".env.example has no SECRET, TOKEN, which smoke.env.generate names",
    );
  });

  it.each([
    ["A=1\nnonsense", ".env.example:2 is not KEY=value"],
    ["A=$B", ".env.example:1: A has a $ or an open quote"],
    ["A='open", ".env.example:1: A has a $ or an open quote"],
  ])("refuses %j with its line", (text, message) => {
    expect(() => fill(text)).toThrow(message);
  });

  it("never shows a value in a refusal", () => {
    expect(() => fill("A=$secretvalue")).toThrow(/^(?!.*secretvalue)/);
  });
});

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

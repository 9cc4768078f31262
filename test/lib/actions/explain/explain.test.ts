import { describe, expect, it, test } from "vitest";
import { explain } from "../../../../src/lib/actions/explain/run.ts";
import { type Code, codes, outcomesOf } from "../../../../src/lib/errors/codes.ts";
import { outcomes } from "../../../../src/lib/errors/exit-codes.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderExplain } from "../../../../src/lib/output/render/explain.ts";
import { hostCodes } from "../../../../src/lib/script/host-codes.ts";

const said = (asked?: string): string[] => renderExplain(explain(asked), plainPaint);

describe("without a code", () => {
  it("all codes are listed, each under its exit codes", () => {
    const { exitCodes } = explain(undefined);
    const listed = exitCodes.flatMap(({ outcome, codes: own }) => own.map(({ code }) => `${code} ${outcome}`));
    const table = (Object.keys(codes) as Code[]).flatMap((code) => outcomesOf(code).map((one) => `${code} ${one}`));
    expect(new Set(listed)).toEqual(new Set(table));
    expect(listed.length).toBe(table.length);
    const lines = said();
    for (const code of Object.keys(codes)) expect(lines.some((line) => line.startsWith(`  ${code} `))).toBe(true);
  });

  it("so are the exit codes of the script on a host", () => {
    const { hostCodes: listed } = explain(undefined);
    expect(listed.map(({ code, exitCode }) => [code, exitCode])).toEqual(
      Object.entries(hostCodes).map(([name, { exit }]) => [name, exit]),
    );
  });
});

test.each(["TAG_CONFLICT", "tag_conflict", " Tag-Conflict "])("%j is told in full", (asked) => {
  expect(explain(asked)).toMatchObject({ asked: "TAG_CONFLICT", exitCodes: [{ exitCode: 4 }], hostCodes: [] });
  const [heading, , changed, advice] = said(asked);
  expect(heading).toBe(`TAG_CONFLICT  exit code 4: ${outcomes.conflict.meaning}`);
  expect(changed).toMatch(/^ {2}changed: The tag stays/);
  expect(advice).toMatch(/^ {2}do: {6}Find out who wrote it/);
});

test("a code that two exit codes go with names both", () => {
  expect(said("frozen")[0]).toMatch(/^FROZEN {2}exit code 3: .*; exit code 130: /);
});

test("a code that says nothing of its own about changes has what its exit code says", () => {
  expect(explain("NO_CONFIG").exitCodes[0]?.codes[0]?.changed).toBe("Nothing was changed.");
});

test("a number is an exit code, of threads or of the script on a host", () => {
  expect(explain("7").exitCodes).toMatchObject([{ exitCode: 7, outcome: "unknown" }]);
  expect(said("7").join("\n")).toMatch(/\n {2}SEND_UNKNOWN [^]*\n {2}changed: Something may have been written/);
  expect(explain("14")).toMatchObject({ exitCodes: [], hostCodes: [{ code: "notMigrated", exitCode: 14 }] });
  expect(said("14")[0]).toBe("notMigrated  exit code 14 of the script on a host");
  const numbers = [...Object.values(outcomes), ...Object.values(hostCodes)].map(({ exit }) => exit);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("of what is no code, the near one is named", () => {
  const refusal = {
    code: "UNKNOWN_CODE",
    exitCode: 2,
    message: 'there is no code "tag_conflct", did you mean TAG_CONFLICT?',
    next: ["threads explain TAG_CONFLICT", "threads explain"],
  };
  expect(() => explain("tag_conflct")).toThrow(expect.objectContaining(refusal));
  expect(() => explain("dirty")).toThrow(
    expect.objectContaining({ next: ["threads explain DIRTY_TREE", "threads explain"] }),
  );
  for (const asked of ["99", "xyzzy-plugh", "", "-1"])
    expect(() => explain(asked)).toThrow(
      expect.objectContaining({ message: `there is no code "${asked}"`, next: ["threads explain"] }),
    );
});

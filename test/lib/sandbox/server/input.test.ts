import { describe, expect, it } from "vitest";
import { inputReader } from "../../../../src/lib/sandbox/server/input.ts";

const read = inputReader("ValidationException");

function refusal(call: () => unknown): string {
  try {
    call();
    return "no error";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

describe("an input reader", () => {
  it("gives what fits, and undefined for what is absent", () => {
    const input = { text: "a", number: 5, list: ["x"], records: [{}], flag: false, kind: "one", nothing: null };
    expect(read.string(input, "text", { min: 1, max: 1, pattern: /^a$/ })).toBe("a");
    expect(read.number(input, "number", { min: 5, max: 5 })).toBe(5);
    expect(read.strings(input, "list", { min: 1, max: 1 })).toEqual(["x"]);
    expect(read.records(input, "records")).toEqual([{}]);
    expect(read.optionalBoolean(input, "flag")).toBe(false);
    expect(read.oneOf(input, "kind", ["one", "two"])).toBe("one");
    expect(read.optionalString(input, "nothing")).toBeUndefined();
    expect(read.optionalRecord(input, "absent")).toBeUndefined();
  });

  it("words what does not fit as AWS does", () => {
    const detected = "ValidationException: 1 validation error detected: Value";
    expect(refusal(() => read.string({}, "Name"))).toBe(
      `${detected} null at 'Name' failed to satisfy constraint: Member must not be null`,
    );
    expect(refusal(() => read.number({ Max: 51 }, "Max", { max: 50 }))).toBe(
      `${detected} '51' at 'Max' failed to satisfy constraint: Member must have value less than or equal to 50`,
    );
    expect(refusal(() => read.oneOf({ Type: "x" }, "Type", ["a", "b"]))).toBe(
      `${detected} 'x' at 'Type' failed to satisfy constraint: Member must satisfy enum value set: [a, b]`,
    );
    expect(refusal(() => read.strings({ Ids: [] }, "Ids", { min: 1 }))).toContain("length greater than or equal to 1");
    expect(refusal(() => read.string({ Id: "-" }, "Id", { pattern: /^i-/ }))).toContain(
      "regular expression pattern: ^i-",
    );
  });

  it("calls JSON of the wrong kind a serialisation error", () => {
    for (const call of [
      () => read.string({ a: 1 }, "a"),
      () => read.strings({ a: [1] }, "a"),
      () => read.number({ a: 1.5 }, "a"),
      () => read.records({ a: ["x"] }, "a"),
      () => read.optionalRecord({ a: [] }, "a"),
      () => read.optionalBoolean({ a: "true" }, "a"),
    ])
      expect(refusal(call)).toContain("SerializationException");
  });
});

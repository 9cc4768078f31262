import { expect, test } from "vitest";
import { environmentChange } from "../../../src/lib/ledger/environment-change.ts";

const of = (versions: Record<string, string>, from = "/app/prod/") => ({ from, versions });

test("from the earlier to the later: what has another version, came, or went, by alphabet", () => {
  const change = environmentChange(of({ C: "1", B: "1", A: "1", GONE: "1" }), of({ C: "2", B: "1", A: "2", NEW: "1" }));
  expect(change).toEqual({ changed: ["A", "C"], added: ["NEW"], removed: ["GONE"] });
});

test("the same number of another place is another version", () => {
  expect(environmentChange(of({ A: "1" }), of({ A: "1" }, "/app/next/"))).toMatchObject({ changed: ["A"] });
  expect(environmentChange(of({ A: "1" }), of({ A: "1" }))).toEqual({ changed: [], added: [], removed: [] });
});

test("where one of them is not known, nothing is said", () => {
  expect(environmentChange(undefined, of({ A: "1" }))).toBeUndefined();
  expect(environmentChange(of({ A: "1" }), undefined)).toBeUndefined();
});

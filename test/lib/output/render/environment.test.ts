import { expect, test } from "vitest";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { madeLines } from "../../../../src/lib/output/render/environment.ts";

test("what an environment was made of: each variable's version, or the one of the whole secret", () => {
  const lines = (from: string, versions: Record<string, string>) => madeLines({ from, versions }, plainPaint);
  expect(lines("/app/prod/", { A: "3", B: "3" })).toEqual(["  environment from /app/prod/, A 3, B 3"]);
  expect(lines("secretsmanager:app", { A: "1f", B: "1f" })).toEqual([
    "  environment from secretsmanager:app, version 1f: A, B",
  ]);
  expect(madeLines(null, plainPaint)).toEqual([]);
});

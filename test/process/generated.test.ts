import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { resultsSchemaText } from "../../bin/results-schema.ts";

// It starts no process, but a whole compiler.
it("the schema of the results is what their types make (npm run generate writes it)", () => {
  const file = new URL("../../src/lib/help/results.schema.json", import.meta.url);
  expect(readFileSync(file, "utf8")).toBe(resultsSchemaText());
});

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { jsonSchemaText } from "../../../src/lib/config/json-schema.ts";

it("has a committed JSON Schema that is equal to the schema", () => {
  const committed = readFileSync(new URL("../../../src/lib/config/threads.schema.json", import.meta.url), "utf8");
  expect(committed, "schema.ts has changed since: npm run schema").toBe(jsonSchemaText());
});

import { expect, it } from "vitest";
import { jsonSchemaText } from "../../../src/lib/config/json-schema.ts";

it("keeps the committed JSON Schema equal to the schema (vitest -u writes it)", async () => {
  await expect(jsonSchemaText()).toMatchFileSnapshot("../../../src/lib/config/threads.schema.json");
});

// Writes the JSON Schema that editors check threads.yml by: to be run after each change of src/lib/config/schema.ts.
import { writeFileSync } from "node:fs";
import { jsonSchemaText } from "../src/lib/config/json-schema.ts";

writeFileSync(new URL("../src/lib/config/threads.schema.json", import.meta.url), jsonSchemaText());

// Writes the JSON Schemas that are made from our sources: that of threads.yml from src/lib/config/schema.ts, and that of
// the results of commands from the types in src/lib/cli/results.ts. To be run after each change of one of them.
import { writeFileSync } from "node:fs";
import { jsonSchemaText } from "../src/lib/config/json-schema.ts";
import { resultsSchemaText } from "./results-schema.ts";

const write = (path, text) => writeFileSync(new URL(`../src/lib/${path}`, import.meta.url), text);

write("config/threads.schema.json", jsonSchemaText());
write("help/results.schema.json", resultsSchemaText());

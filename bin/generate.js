// Writes what is made from our sources and committed beside them: the JSON Schema of threads.yml (src/lib/config/schema.ts),
// that of the results (the types in src/lib/cli/results.ts), parts of the help pages, and this repository's own workflows
// (src/lib/actions/init/workflows). Tests tell when it is to be run.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchemaText } from "../src/lib/config/json-schema.ts";
import { ownWorkflows } from "./own-workflows.ts";
import { withParts } from "./generated-parts.ts";
import { resultsSchemaText } from "./results-schema.ts";

const lib = join(import.meta.dirname, "../src/lib");

writeFileSync(join(lib, "config/threads.schema.json"), jsonSchemaText());
writeFileSync(join(lib, "help/results.schema.json"), resultsSchemaText());
for (const page of globSync(join(lib, "help/*.md"))) writeFileSync(page, withParts(readFileSync(page, "utf8")));
for (const [path, text] of Object.entries(ownWorkflows())) writeFileSync(join(lib, "../..", path), text);

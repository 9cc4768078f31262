// The JSON Schema of what commands print under --json, made from the types in src/lib/cli/results.ts and their comments.
import { fileURLToPath } from "node:url";
import { createGenerator, type Schema } from "ts-json-schema-generator";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What `npm run schema` writes: a `$ref` for each command and for `Failure`, and the definitions that they need. */
export function resultsSchemaText(): string {
  const generator = createGenerator({
    path: `${root}src/lib/cli/results.ts`,
    tsconfig: `${root}tsconfig.json`,
    // tsc has done so, in the version that the project is written for.
    skipTypeCheck: true,
    // A later version may add keys; the tests allow none.
    additionalProperties: true,
  });
  const { definitions = {} } = generator.createSchema("*");
  const { Results, ...others } = definitions as Record<string, Schema>;
  const commands = Object.fromEntries(Object.entries(Results?.properties ?? {}));
  return `${JSON.stringify({ commands, definitions: precise(others) }, undefined, 2)}\n`;
}

/** What the names of keys promise: times in `…At`, durations in `…Ms`. */
function precise(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => precise(item));
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, precise(part, name)]));
  const types = new Set([inner["type"]].flat());
  if (/[a-z]At$/.test(key) && types.has("string")) return { ...inner, format: "date-time" };
  if (/[a-z]Ms$/.test(key) && types.has("number")) return { ...inner, minimum: 0 };
  return inner;
}

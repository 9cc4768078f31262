import { readFileSync } from "node:fs";

type JsonSchema = Readonly<Record<string, unknown>>;

interface Published {
  readonly commands: Readonly<Record<string, JsonSchema>>;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

const published = (): Published =>
  JSON.parse(readFileSync(new URL("results.schema.json", import.meta.url), "utf8")) as Published;

/** The words of every command that has a schema. */
export function describedCommands(): string[] {
  return Object.keys(published().commands);
}

/** JSON Schema of what a command prints under --json, be it a result or a failure. @param command its words */
export function resultSchema(command: string): JsonSchema | undefined {
  const { commands, definitions } = published();
  if (!Object.hasOwn(commands, command)) return undefined;
  const anyOf = [commands[command], { $ref: "#/definitions/Failure" }];
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `threads ${command} --json`,
    anyOf,
    definitions: needed(anyOf, definitions),
  };
}

/** The definitions that a schema leads to. */
function needed(schema: unknown, all: Published["definitions"]): Published["definitions"] {
  const found = new Map<string, JsonSchema>();
  const open = [schema];
  for (const one of open)
    for (const [, name = ""] of JSON.stringify(one).matchAll(/"#\/definitions\/([^"]+)"/g)) {
      const definition = all[name];
      if (definition === undefined || found.has(name)) continue;
      found.set(name, definition);
      open.push(definition);
    }
  return Object.fromEntries(found);
}

import { Ajv, type ValidateFunction } from "ajv";
import { describedCommands, resultSchema } from "../../src/lib/help/result-schema.ts";

const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, formats: { "date-time": isTime } });
const validators = new Map<string, ValidateFunction>();

function validatorOf(command: string): ValidateFunction {
  const known = validators.get(command);
  if (known !== undefined) return known;
  const made = ajv.compile(closed(resultSchema(command)) as object);
  validators.set(command, made);
  return made;
}

/** What is published allows keys that a later version may add; a key that no type has is a fault of this one. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  // A key may be called `properties` itself: what is closed says that it is an object.
  return "properties" in inner && inner["type"] === "object" ? { additionalProperties: false, ...inner } : inner;
}

/**
 * Called with whatever a test has typed and got.
 * @param line words after `threads`
 * @throws where --json is among them, and what was printed is not what the published schema says
 */
export function requireResult(line: readonly string[], stdout: string): void {
  const own = line.includes("--") ? line.slice(0, line.indexOf("--")) : line;
  if (!own.includes("--json") || stdout === "") return;
  const command = describedCommands().findLast((words) => `${own.join(" ")} `.startsWith(`${words} `));
  if (command === undefined) return;
  const validate = validatorOf(command);
  // What has no end of its own prints an object a line.
  const isEndless = own.some((word) => ["--follow", "-f", "--watch"].includes(word));
  const printed = isEndless ? stdout.split("\n").filter((text) => text !== "") : [stdout];
  if (printed.every((text) => validate(JSON.parse(text)))) return;
  const faults = (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(" "),
  );
  throw new Error(`threads ${line.join(" ")} prints what its schema does not say:\n${faults.join("\n")}\n${stdout}`);
}

/** A result that a test got from an action, as the command would print it. @throws as `requireResult` does */
export function asPrinted<T>(command: string, result: T): T {
  requireResult([...command.split(" "), "--json"], JSON.stringify(result));
  return result;
}

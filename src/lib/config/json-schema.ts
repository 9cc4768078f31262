import { z } from "zod";
import { schemaFor } from "./schema.ts";

/** The JSON Schema for editors, as text; threads.schema.json beside this file is its committed copy. */
export function jsonSchemaText(): string {
  const body = z.toJSONSchema(schemaFor("."), { io: "input", target: "draft-7" });
  return `${JSON.stringify({ title: "threads.yml", ...body }, undefined, 2)}\n`;
}

// What the pages of `threads help` show of our sources: tables of codes, gates and keys, and files that a test runs.
import { readFileSync } from "node:fs";
import { explain } from "../src/lib/actions/explain/run.ts";
import { jsonSchemaText } from "../src/lib/config/json-schema.ts";
import { gateTexts } from "../src/lib/gates/names.ts";
import { plainPaint } from "../src/lib/output/paint.ts";
import { renderExplain } from "../src/lib/output/render/explain.ts";

const marked = /(<!-- made from (.+?): npm run generate -->\n)[^]*?(<!-- end -->)/g;

/** A page with each part that it names between marks as the sources have it now. @throws Error where there is no such part */
export function withParts(text: string): string {
  return text.replaceAll(marked, (_, begin: string, name: string, end: string) => {
    const part = parts[name] ?? (name.includes("/") ? fileOf : undefined);
    if (part === undefined) throw new Error(`there is nothing to be made from ${name}`);
    return `${begin}\n${part(name)}\n\n${end}`;
  });
}

const parts: Readonly<Record<string, (name: string) => string>> = {
  "the exit codes": () =>
    table(
      ["exit code", "meaning"],
      explain(undefined).exitCodes.map(({ exitCode, meaning }) => [exitCode, meaning]),
    ),
  "the error codes": () =>
    explain(undefined)
      .exitCodes.filter(({ codes }) => codes.length > 0)
      .map(({ exitCode, meaning, codes }) => {
        const rows = codes.map((one) => [`\`${one.code}\``, one.meaning]);
        return `### ${exitCode}: ${meaning}\n\n${table(["code", "meaning"], rows)}`;
      })
      .join("\n\n"),
  "an error code": () => {
    const lines = ["$ threads explain TREE_CONFLICT", ...renderExplain(explain("TREE_CONFLICT"), plainPaint)];
    return lines.map((line) => `    ${line}`).join("\n");
  },
  "the gates": () =>
    table(
      ["gate", "asks that"],
      Object.entries(gateTexts).map(([gate, asks]) => [`\`${gate}\``, asks]),
    ),
  "the schema of threads.yml": () => table(["key", "default", "meaning"], keys(JSON.parse(jsonSchemaText()) as Schema)),
};

function fileOf(path: string): string {
  const text = readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
  return `\`${path.split("/").at(-1) ?? path}\`:\n\n\`\`\`yaml\n${text}\`\`\``;
}

/** Bars would end a cell. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", String.raw`\|`)).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** A row for each key that a person may write; `NAME` and `[]` stand for a name of theirs and for each of a list. */
function keys(schema: Schema, path = ""): string[][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const here = path === "" ? key : `${path}.${key}`;
    const shown = inner.default === undefined ? "" : `\`${JSON.stringify(inner.default)}\``;
    const row = inner.description === undefined ? [] : [[`\`${here}\``, shown, inner.description]];
    return [...row, ...keys(inner, here)];
  });
  const named =
    typeof schema.additionalProperties === "object" ? keys(schema.additionalProperties, `${path}.NAME`) : [];
  const listed = schema.items === undefined ? [] : keys(schema.items, `${path}[]`);
  return [...own, ...named, ...listed, ...(schema.anyOf ?? []).flatMap((one) => keys(one, path))];
}

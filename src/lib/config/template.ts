import { Document, isMap, isScalar, isSeq, type Pair, type Scalar, visit } from "yaml";
import { z } from "zod";
import { schemaFor } from "./schema.ts";

/** What a threads.yml may say, before anything is filled in. */
export type ThreadsYaml = z.input<ReturnType<typeof schemaFor>>;

interface Shape {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
}

const longest = 110;

/**
 * The text of a threads.yml, each key below the schema's own word on it.
 * @param reasons why single keys say what they do, by their dotted path
 * @param schema where an editor finds the JSON Schema
 */
export function annotate(file: ThreadsYaml, reasons: Readonly<Record<string, string>>, schema: string): string {
  const document = new Document(file);
  const shape = z.toJSONSchema(schemaFor("."), { io: "input" }) as Shape;
  const told = new Set<string>();
  visit(document, {
    Pair: (_, pair, ancestors) => {
      const path = [...pathOf(ancestors), keyOf(pair)];
      const words = shapeAt(shape, path)?.description ?? "";
      const why = reasons[path.join(".")];
      // Said once of a key, it needs no second time; before the first key of a list's item there is no room for it.
      const hushed = told.has(words) || isFirstOfItem(pair, ancestors);
      comment(pair, [hushed ? "" : words, why === undefined ? "" : `Why: ${why}.`], path.length === 1 && told.size > 0);
      told.add(words);
    },
    Seq: (_, seq) => {
      if (seq.items.every(isScalar)) seq.flow = true;
    },
  });
  document.commentBefore = [
    ` yaml-language-server: $schema=${schema}`,
    "",
    " What threads does with this application. Unknown keys are refused; paths are relative to this file, times are seconds.",
    " `threads config` shows what is in force and where each value is from, `threads help` what there is to do.",
  ].join("\n");
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function isFirstOfItem(pair: Pair, ancestors: readonly unknown[]): boolean {
  const map = ancestors.at(-1);
  return isSeq(ancestors.at(-2)) && isMap(map) && map.items[0] === pair;
}

function comment(pair: Pair, lines: readonly string[], spaceBefore: boolean): void {
  if (!isScalar(pair.key)) return;
  const key: Scalar = pair.key;
  key.spaceBefore = spaceBefore;
  const text = lines.filter((line) => line !== "").map(wrapped);
  if (text.length > 0) key.commentBefore = text.join("\n");
}

function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (`${lines.at(-1)} ${word}`.length > longest) lines.push("");
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.join("\n");
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

function pathOf(ancestors: readonly unknown[]): string[] {
  return ancestors.flatMap((node, index) => {
    const above = ancestors[index + 1];
    if (isPair(node)) return [keyOf(node)];
    return isSeq(node) && above !== undefined ? [String(node.items.indexOf(above))] : [];
  });
}

function isPair(node: unknown): node is Pair {
  return typeof node === "object" && node !== null && "key" in node && "value" in node;
}

function shapeAt(schema: Shape, path: readonly string[]): Shape | undefined {
  let shape: Shape | undefined = schema;
  for (const key of path) {
    const other: Shape | undefined =
      typeof shape?.additionalProperties === "object" ? shape.additionalProperties : undefined;
    shape = shape?.properties?.[key] ?? shape?.items ?? other;
  }
  return shape;
}

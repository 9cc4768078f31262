import { isNode, LineCounter } from "yaml";
import { z } from "zod";
import { readYaml } from "./read-yaml.ts";
import { schemaFor } from "./schema.ts";

/** One value that is in force, in the words of threads.yml. */
export interface Origin {
  /** Dotted path: `environments.prod.hosts.minimum`, `checks.0.path`. */
  readonly key: string;
  readonly value: unknown;
  /** Line in the file, from 1; null for a default. */
  readonly line: number | null;
}

interface Shape {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
}

/** Every value that a threads.yml sets, or that the schema fills in for it, in the schema's order. @param text a valid file */
export function originsOf(text: string): Origin[] {
  const lines = new LineCounter();
  const document = readYaml(text, lines);
  const lineOf = (path: readonly string[]): number | null => {
    const node = document.getIn(path, true);
    return isNode(node) && node.range ? lines.linePos(node.range[0]).line : null;
  };
  const walk = (shape: Shape, value: unknown, path: readonly string[]): Origin[] => {
    const given = value ?? shape.default;
    if (given === undefined) return [];
    const below = childrenOf(shape, given);
    if (below === undefined)
      return [{ key: path.join("."), value: given, line: value === undefined ? null : lineOf(path) }];
    return below.flatMap(([key, child]) =>
      walk(child, (given as Readonly<Record<string, unknown>>)[key], [...path, key]),
    );
  };
  return walk(z.toJSONSchema(schemaFor("."), { io: "input" }) as Shape, document.toJS(), []);
}

/** What lies below a value: the keys that its schema names, those that people chose, or the items that are no plain words. */
function childrenOf(shape: Shape, value: unknown): (readonly [string, Shape])[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { properties, additionalProperties, items } = shape;
  if (properties !== undefined) return Object.entries(properties);
  const isPlain = (Object.values(value) as unknown[]).every((one) => typeof one !== "object");
  if (isPlain && Array.isArray(value)) return undefined;
  const other = items ?? (typeof additionalProperties === "object" ? additionalProperties : {});
  return Object.keys(value).map((key) => [key, other]);
}

import { dirname } from "node:path";
import { type Document, isMap, isNode, LineCounter } from "yaml";
import { z } from "zod";
import { ThreadsError } from "../errors/threads-error.ts";
import { withNamedChecks } from "./checks-for.ts";
import type { ConfigFile } from "./config.ts";
import { readYaml } from "./read-yaml.ts";
import { rules } from "./rules.ts";
import { once } from "./schema-parts.ts";
import { schemaFor } from "./schema.ts";
import { count } from "../text/words.ts";
import { issueWords } from "./issue-words.ts";
import { suggest } from "./suggest.ts";
import { brokenText } from "./yaml-words.ts";

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The problem is with a key itself, not with its value. */
  readonly key?: string;
  /** The key that was probably meant by it. */
  readonly instead?: string;
  /** It is not there. */
  readonly isAbsent?: boolean;
}

/**
 * Parses the text of a threads.yml.
 * @param path of the file: how errors name it, and its folder is where relative paths start
 * @throws ThreadsError usage CONFIG_INVALID; one line per problem: `threads.yml:12:3 …`
 */
export function parseThreadsYaml(text: string, path: string): ConfigFile {
  const lines = new LineCounter();
  const document = readYaml(text, lines);
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { offset, message } = brokenText(broken, document, lines);
    const { line, col } = lines.linePos(offset);
    throw invalid(path, [`${path}:${line}:${col} ${message}`]);
  }
  if (document.contents === null || document.toJS() === null) throw invalid(path, [`${path}:1:1 the file is empty`]);
  const parsed = schemaFor(dirname(path)).safeParse(document.toJS(), { ...once, reportInput: true });
  const problems = parsed.success ? rules(parsed.data) : problemsIn(parsed.error.issues, document);
  if (problems.length > 0)
    throw invalid(
      path,
      problems.map((problem) => located(problem, { document, lines, path })),
    );
  return withNamedChecks(parsed.data as ConfigFile);
}

function invalid(path: string, details: string[]): ThreadsError {
  const [first = ""] = details;
  return new ThreadsError("CONFIG_INVALID", {
    message: `${path} has ${count(details.length, "mistake")}`,
    details,
    next: ["threads doctor"],
    advice: [`correct ${first.split(" ")[0] ?? path}`],
  });
}

/** A key that is spelled wrong is one mistake: that the right one is missing goes without saying. */
function problemsIn(issues: readonly z.core.$ZodIssue[], document: Document): Problem[] {
  const problems = issues.flatMap((issue) => asProblems(issue, document));
  const meant = new Set(
    problems.flatMap(({ path, instead }) => (instead === undefined ? [] : [dotted([...path, instead])])),
  );
  return problems.filter(({ path, isAbsent }) => isAbsent !== true || !meant.has(dotted(path)));
}

function asProblems(issue: z.core.$ZodIssue, document: Document): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: issue.path, key, ...unknownKey(key, knownKeys(issue.path)) }));
  }
  const isAbsent = issue.code === "invalid_type" && issue.input === undefined;
  const words = issueWords(issue, document.getIn(issue.path, true));
  const message = `${dotted(issue.path)}${isAbsent ? "" : ":"} ${words}`;
  return [{ path: issue.path, message, isAbsent }];
}

function unknownKey(key: string, known: readonly string[]): Pick<Problem, "message" | "instead"> {
  const instead = suggest(key, known);
  const hint = instead === undefined ? `; known here: ${known.join(", ")}` : `, did you mean "${instead}"?`;
  return { message: `unknown key "${key}"${hint}`, ...(instead === undefined ? {} : { instead }) };
}

/** Keys that the schema knows at a path, read from its own JSON Schema. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  interface Shape {
    properties?: Record<string, Shape>;
    additionalProperties?: Shape | boolean;
    items?: Shape;
  }
  let shape = z.toJSONSchema(schemaFor("."), { io: "input" }) as Shape;
  for (const key of path) {
    const other = typeof shape.additionalProperties === "object" ? shape.additionalProperties : {};
    shape = (typeof key === "number" ? shape.items : shape.properties?.[String(key)]) ?? other;
  }
  return Object.keys(shape.properties ?? {});
}

interface ParsedFile {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly path: string;
}

/** `file:line:column message`, at the nearest node that the file really has. */
function located(problem: Problem, { document, lines, path }: ParsedFile): string {
  const offset =
    (problem.key === undefined ? undefined : keyOffset(document, problem.path, problem.key)) ??
    nodeOffset(document, problem.path);
  const { line, col } = lines.linePos(offset);
  return `${path}:${line}:${col} ${problem.message}`;
}

function keyOffset(document: Document, path: readonly PropertyKey[], key: string): number | undefined {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(map)) return undefined;
  const pair = map.items.find((item) => isNode(item.key) && String(item.key) === key);
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}

function nodeOffset(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "the file" : path.join(".");
}

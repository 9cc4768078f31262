import { isScalar } from "yaml";
import type { z } from "zod";
import { suggest } from "./suggest.ts";

/** What the schema expects, as a person would call it. */
const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "keys with values",
  record: "keys with values",
};

/**
 * What is wrong with a value, as the rest of a sentence about its key: zod's words are for programmers.
 * @param node of the file, as its text has it
 */
export function issueWords(issue: z.core.$ZodIssue, node: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return wrongKind(issue.expected, issue.input, node);
    case "invalid_value": {
      const values = issue.values.map(String);
      const meant = typeof issue.input === "string" ? suggest(issue.input, values) : undefined;
      return `must be one of ${values.join(", ")}${meant === undefined ? "" : `, did you mean ${meant}?`}`;
    }
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return `must be ${Number(issue.maximum)} at most`;
    case "invalid_format":
      // Where the schema says what it wants, it says it here.
      return issue.message.startsWith("Invalid ")
        ? `is ${shown(issue.input)}, which is no name that it may have`
        : `must be: ${issue.message}`;
    case "invalid_key":
      return `is a name that it cannot have: ${issue.issues.map(({ message }) => message).join(", ")}`;
    default:
      // The schema's own sentence.
      return issue.message;
  }
}

function wrongKind(expected: string, input: unknown, node: unknown): string {
  const wanted = kinds[expected] ?? expected;
  if (input === undefined) return "is required";
  if (input === null) return `is empty, and must be ${wanted}`;
  const text = isScalar(node) ? (node.source ?? JSON.stringify(input)) : "";
  if (expected === "string" && typeof input !== "object") return `must be ${wanted}, so quote it: "${text}"`;
  if (expected === "number" && typeof input === "string" && input.trim() !== "" && Number.isFinite(Number(input)))
    return `must be ${wanted}, so without quotes: ${input}`;
  return `must be ${wanted}, and is ${shown(input)}`;
}

function tooSmall({ minimum, inclusive, origin }: z.core.$ZodIssueTooSmall): string {
  if (origin === "string") return "must not be empty";
  const least = `${inclusive === false ? "more than" : "at least"} ${Number(minimum)}`;
  return origin === "array" ? `must have ${least}` : `must be ${least}`;
}

function shown(input: unknown): string {
  if (Array.isArray(input)) return "a list";
  if (typeof input === "object") return "keys with values";
  const text = JSON.stringify(input);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

import { readFileSync } from "node:fs";

/** Scripts that a host can be sent; each is a file of this folder, run after common.sh. */
export type ScriptName = "deploy" | "status";

/** Names and values that a script finds as shell variables. Never a secret: SSM keeps them for 30 days. */
export type Assignments = Readonly<Record<string, string | number>>;

/** SendCommand takes 64 KB for document and parameters together; ours stays far below. */
const longest = 48_000;

/**
 * The text that SSM's `sh -c <file>` runs on a host: a shebang that the agent honours (without one it is dash),
 * the arguments as single-quoted assignments, then the shared part and the script itself.
 * @throws RangeError for a value with a double brace (SSM resolves it), a line end of Windows, or a text too long
 */
export function renderScript(name: ScriptName, assignments: Assignments): string {
  const lines = Object.entries(assignments).map(([key, value]) => `${key}=${quote(String(value))}`);
  const text = ["#!/bin/bash", ...lines, body("common"), body(name)].join("\n");
  if (text.includes("{{")) throw new RangeError("a host script may not contain a double brace: SSM would resolve it");
  if (/[\r\0]/.test(text)) throw new RangeError("a host script may contain neither carriage returns nor NUL");
  if (Buffer.byteLength(text) > longest) throw new RangeError(`a host script may not be longer than ${longest} bytes`);
  return text;
}

/** A word that every POSIX shell reads as exactly this text. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A script's text without its own shebang; the file lies beside this one in the sources and in the build. */
function body(name: ScriptName | "common"): string {
  return readFileSync(new URL(`${name}.sh`, import.meta.url), "utf8").replace(/^#!.*\n/, "");
}

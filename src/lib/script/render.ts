import { readFileSync } from "node:fs";

/** Scripts that a host can be sent, each with the files of this folder that it is made of, in order. */
const parts = {
  deploy: [
    "secrets.awk",
    "forms.awk",
    "mask.awk",
    "edge.pl",
    "common.sh",
    "records.sh",
    "report.sh",
    "look.sh",
    "slots.sh",
    "edge.sh",
    "release.sh",
    "go-back.sh",
    "deploy.sh",
  ],
  status: ["common.sh", "status.sh"],
  exec: ["common.sh", "exec.sh"],
} as const;
export type ScriptName = keyof typeof parts;

/** Names and values that a script finds as shell variables, lists as arrays. Never a secret: SSM keeps them for 30 days. */
export type Assignments = Readonly<Record<string, string | number | readonly string[]>>;

/** SendCommand takes 64 KB for document and parameters together; ours stays below, with line ends and quotes escaped. */
const longest = 56_000;

/**
 * The text that SSM's `sh -c <file>` runs on a host: a shebang that the agent honours (without one it is dash),
 * the arguments as single-quoted assignments, then the script's parts without their comments and indentation.
 * @throws RangeError for a value with a double brace (SSM resolves it), a line end of Windows, or a text too long
 */
export function renderScript(name: ScriptName, assignments: Assignments): string {
  const lines = Object.entries(assignments).map(([key, value]) =>
    typeof value === "object" ? `${key}=(${value.map(bashWord).join(" ")})` : `${key}=${quote(String(value))}`,
  );
  const text = ["#!/bin/bash", ...lines, ...parts[name].map(body)].join("\n");
  if (text.includes("{{")) throw new RangeError("a host script may not contain a double brace: SSM would resolve it");
  if (/[\r\0]/.test(text)) throw new RangeError("a host script may contain neither carriage returns nor NUL");
  if (Buffer.byteLength(text) > longest) throw new RangeError(`a host script may not be longer than ${longest} bytes`);
  return text;
}

/** A word that every POSIX shell reads as exactly this text. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** The same for whatever a person may have typed: bash puts together what may not travel as it is. */
export function bashWord(value: string): string {
  return quote(value)
    .replaceAll(/\{(?=\{)/g, "{''")
    .replaceAll("\r", () => String.raw`'$'\r''`);
}

/** A part as it travels; its file lies beside this one in the sources and in the build. A program of another language becomes a variable. */
function body(part: string): string {
  const text = stripped(readFileSync(new URL(part, import.meta.url), "utf8"));
  const [name = "", kind = ""] = part.split(".");
  return kind === "sh"
    ? text
    : `# shellcheck disable=SC2016\n${name.toUpperCase()}_${kind.toUpperCase()}=${quote(text)}`;
}

/** Without comments and indentation, which nobody reads on a host; what shellcheck is told stays. */
function stripped(text: string): string {
  return text.replaceAll(/^ *#(?! shellcheck ).*\n/gm, "").replaceAll(/^ +/gm, "");
}

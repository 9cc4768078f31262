import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { quote, bashWord } from "./shell-words.ts";

interface Parts {
  /** Files of this folder, in order, that everybody can read where they arrive. */
  readonly open: readonly string[];
  /** What follows them, packed: SSM has not the room for it. */
  readonly packed?: readonly string[];
}

/** What lets nothing secret out begins with it. */
const masking = ["begin.sh", "tools.sh", "common.sh", "json.awk", "secrets.awk", "forms.awk", "mask.awk"] as const;
/** What shows a log begins with it. */
const reading = [...masking, "shown.awk", "hide.sh"] as const;

/** Scripts that a host can be sent. */
const scripts = {
  deploy: {
    open: ["begin.sh", "tools.sh"],
    packed: [
      "json.awk",
      "values.awk",
      "secrets.awk",
      "forms.awk",
      "mask.awk",
      "tasks.awk",
      "edge.pl",
      "common.sh",
      "hide.sh",
      "records.sh",
      "report.sh",
      "look.sh",
      "slots.sh",
      "serve.sh",
      "start-stop.sh",
      "base.sh",
      "ask-edge.sh",
      "weigh.sh",
      "straight.sh",
      "retire.sh",
      "edge.sh",
      "env-from.sh",
      "environment.sh",
      "ports.sh",
      "preflight.sh",
      "release.sh",
      "prune.sh",
      "go-back.sh",
      "deploy.sh",
    ],
  },
  step: { open: ["begin.sh", "step.sh"] },
  status: { open: ["begin.sh", "tools.sh", "edge.pl", "common.sh", "ask-edge.sh", "status.sh"] },
  exec: { open: ["begin.sh", "common.sh", "exec.sh"] },
  ask: { open: ["begin.sh", "tools.sh", "common.sh", "ask.sh"] },
  stats: { open: ["begin.sh", "tools.sh", "common.sh", "stats.awk", "stats.sh"] },
  logs: { open: [...reading, "rows.awk", "piece.sh", "logs.sh"] },
  deploymentLog: { open: [...reading, "piece.sh", "made.sh", "deployment-log.sh"] },
  readOut: { open: [...masking, "hide.sh", "made.sh", "read-out.sh"] },
} as const satisfies Record<string, Parts>;
export type ScriptName = keyof typeof scripts;

/** Names and values that a script finds as shell variables, lists as arrays. Never a secret: SSM keeps them for 30 days. */
export type Assignments = Readonly<Record<string, string | number | readonly string[]>>;

/** What a host is told to do: one of our scripts, and what it has to know for that. */
export interface HostScript {
  readonly name: ScriptName;
  readonly assignments: Assignments;
  /** Of a deployment: the registry, `host` or `host:port`, from which alone it takes bundle and images. */
  readonly registry?: string;
}

/** SendCommand takes 64 KB for document and parameters together; ours stays below, with line ends and quotes escaped. */
const longest = 56_000;

/**
 * The text that SSM's `sh -c <file>` runs on a host: a shebang that the agent honours (without one it is dash),
 * the arguments as single-quoted assignments, then the script, of which the long part travels packed.
 * @throws RangeError for a value with a double brace (SSM resolves it), a line end of Windows, or a text too long
 */
export function renderScript({ name, assignments }: HostScript): string {
  return renderBehind(linesOf(assignments), name);
}

/** The same behind other lines: what is fixed there, and how it finds the rest. */
export function renderBehind(lines: readonly string[], name: ScriptName): string {
  const text = travelling.get(name) ?? travels(name);
  travelling.set(name, text);
  return checked([shebang, ...lines, text].join("\n"));
}

/** What all orders of a kind have in common: to pack it takes some milliseconds, and a fleet gets an order a batch. */
const travelling = new Map<ScriptName, string>();

function travels(name: ScriptName): string {
  const { open, packed = [] }: Parts = scripts[name];
  const rest = packed.length === 0 ? [] : [pack(packed.map(body).join("\n")), body("unpack.sh")];
  return [...open.map(body), ...rest].join("\n");
}

/** The same with nothing packed: what runs on a host in the end. */
export function plainScript({ name, assignments }: HostScript): string {
  const { open, packed = [] }: Parts = scripts[name];
  return [shebang, ...linesOf(assignments), ...[...open, ...packed].map(body)].join("\n");
}

const shebang = "#!/bin/bash";

/** Assignments as bash reads them. */
export function linesOf(assignments: Assignments): readonly string[] {
  return Object.entries(assignments).map(([key, value]) =>
    typeof value === "object" ? `${key}=(${value.map(bashWord).join(" ")})` : `${key}=${quote(String(value))}`,
  );
}

/** On a line of its own, with what whoever opens the script on a host reads it by. */
function pack(text: string): string {
  const reading = "# To read the rest of this file: sed -n 's/^PACKED=//p' FILE | base64 -d | gzip -dc";
  return `${reading}\nPACKED=${gzipSync(text, { level: 9 }).toString("base64")}`;
}

function checked(text: string): string {
  if (text.includes("{{")) throw new RangeError("a host script may not contain a double brace: SSM would resolve it");
  if (/[\r\0]/.test(text)) throw new RangeError("a host script may contain neither carriage returns nor NUL");
  if (Buffer.byteLength(text) > longest) throw new RangeError(`a host script may not be longer than ${longest} bytes`);
  return text;
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

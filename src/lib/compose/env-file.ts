import { ThreadsError } from "../errors/threads-error.ts";

export interface EnvTemplate {
  /** Path as shown in messages. */
  readonly path: string;
  readonly text: string;
  /** Keys that get a fresh value. */
  readonly generate: readonly string[];
}

interface Entry {
  readonly key: string;
  readonly value: string;
  /** Its own comment, the lines right above it, says "Required". */
  readonly required: boolean;
}

/**
 * Fills a template: generated keys get `random()`, the rest keep their values.
 * A generated key that the template lacks, or a key left empty though its comment says "Required", is refused by name.
 * @throws ThreadsError usage ENV_TEMPLATE
 */
export function fillTemplate(template: EnvTemplate, random: () => string): ReadonlyMap<string, string> {
  const entries = parse(template);
  const keys = new Set(entries.map((entry) => entry.key));
  const missing = template.generate.filter((key) => !keys.has(key));
  if (missing.length > 0)
    throw refusal(template, `${template.path} has no ${missing.join(", ")}, which smoke.env.generate names`);
  const filled = entries.map((entry) =>
    template.generate.includes(entry.key) ? { ...entry, value: random() } : entry,
  );
  const empty = filled.filter((entry) => entry.required && entry.value === "").map((entry) => entry.key);
  if (empty.length > 0)
    throw refusal(template, `${template.path} leaves ${empty.join(", ")} empty, but requires a value`);
  return new Map(filled.map((entry) => [entry.key, entry.value]));
}

function parse(template: EnvTemplate): Entry[] {
  const entries: Entry[] = [];
  let comment = "";
  for (const [index, raw] of template.text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line.startsWith("#")) comment += line;
    else if (line === "") comment = "";
    else {
      entries.push({
        ...parseLine(line, `${template.path}:${index + 1}`, template),
        required: /\bRequired\b/.test(comment),
      });
      comment = "";
    }
  }
  return entries;
}

function parseLine(line: string, place: string, template: EnvTemplate): { key: string; value: string } {
  const [, key, rest] = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(line) ?? [];
  if (key === undefined || rest === undefined) throw refusal(template, `${place} is not KEY=value`);
  const quoted = /^'([^']*)'(?:\s+#.*)?$|^"((?:[^"\\$]|\\.)*)"(?:\s+#.*)?$/.exec(rest);
  if (quoted !== null) return { key, value: quoted[1] ?? (quoted[2] ?? "").replaceAll(/\\(.)/g, "$1") };
  if (/^['"]/.test(rest) || rest.includes("$"))
    throw refusal(template, `${place}: ${key} has a $ or an open quote; put the value into single quotes`);
  return { key, value: rest.replace(/(?:^|\s+)#.*$/, "") };
}

function refusal(template: EnvTemplate, message: string): ThreadsError {
  return new ThreadsError("ENV_TEMPLATE", { message, advice: [`correct ${template.path}`] });
}

/** The text of an environment file from which compose reads exactly these values. */
export function renderEnvFile(values: ReadonlyMap<string, string>): string {
  return [...values].map(([key, value]) => `${key}=${quoteEnvValue(value)}\n`).join("");
}

/**
 * Single quotes keep every character but a quote itself and a backslash before the closing one; for those double
 * quotes, in which backslash, quote and dollar are escaped (checked against the parser of Compose 2.26 by a test).
 */
export function quoteEnvValue(value: string): string {
  if (!value.includes("'") && !value.endsWith("\\")) return `'${value}'`;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("$", "\\$")}"`;
}

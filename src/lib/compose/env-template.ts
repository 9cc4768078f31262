import { ThreadsError } from "../errors/threads-error.ts";
import type { ReadEnvironment } from "./env-reader.ts";
import { quoteEnvValue } from "./env-file.ts";

export interface EnvTemplate {
  /** Path as shown in messages. */
  readonly path: string;
  readonly text: string;
  /** Keys that get a fresh value. */
  readonly generate: readonly string[];
}

export interface TemplatePorts {
  readonly random: () => string;
  /** Lets compose read a file, as if some variables were set outside. */
  readonly read: (text: string, set: Readonly<Record<string, string>>) => Promise<ReadEnvironment>;
  /** Hears what is right, and probably not what was meant. */
  readonly warn: (text: string) => void;
}

/**
 * The values that compose reads from a template, as on a host; generated keys have `random()`, in what other values make of
 * them, too. Refused by name is what a host refuses, a generated key that is not there, and a key left empty though its comment
 * says "Required".
 * @throws ThreadsError usage ENV_TEMPLATE
 */
export async function fillTemplate(template: EnvTemplate, ports: TemplatePorts): Promise<ReadonlyMap<string, string>> {
  const { path, generate } = template;
  const fresh = new Map(generate.map((key) => [key, ports.random()]));
  const lines = linesIn(template.text);
  const text = lines.map((line) => withFresh(line, fresh)).join("\n");
  const { values, unset } = await ports.read(text, {});
  refuse(
    template,
    generate.filter((key) => !values.has(key)),
    (keys) => `${path} has no ${keys}, which smoke.env.generate names`,
  );
  await refuseWhatComesFromOutside({ template, lines, text, values, unset }, ports);
  if (values.has(""))
    throw templateFault(path, `line ${lines.findIndex(isNothing) + 1} of ${path} sets nothing: write NAME=value`);
  const filled = new Map([...values, ...fresh]);
  refuse(
    template,
    requiredIn(lines).filter((key) => filled.get(key) === ""),
    (keys) => `${path} leaves ${keys} empty, but requires a value`,
  );
  for (const key of lookLikeComments(lines, filled))
    ports.warn(`the value of ${key} in ${path} has a # in it, as compose reads it: put a comment on a line of its own`);
  return filled;
}

interface Line {
  readonly text: string;
  /** What it sets, as far as a line alone can tell: the inside of a value over several lines may look like one. */
  readonly key: string | undefined;
  /** What stands behind the key and its sign; undefined where there is only a key. */
  readonly rest: string | undefined;
}

function linesIn(text: string): Line[] {
  return text.split("\n").map((line) => {
    const [, key, rest] = /^\uFEFF?\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:[=:](.*))?$/s.exec(line) ?? [];
    return { text: line, key, rest };
  });
}

/** Compose takes a last line of words for the value of no key. */
function isNothing({ text, key }: Line): boolean {
  return key === undefined && text.trim() !== "" && !text.trim().startsWith("#");
}

function withFresh({ text, key, rest }: Line, fresh: ReadonlyMap<string, string>): string {
  const value = fresh.get(key ?? "");
  if (value === undefined || rest === undefined || isOpen(rest)) return text;
  return `${text.slice(0, text.length - rest.length)}${quoteEnvValue(value)}`;
}

/** A quote that a later line closes. */
function isOpen(rest: string): boolean {
  const [quote] = /^["']/.exec(rest.trim()) ?? [];
  return quote !== undefined && rest.trim().indexOf(quote, 1) === -1;
}

/** A variable of the machine is none of a host's: a bare name would take its value, and a `$NAME` is a piece that gets lost. */
async function refuseWhatComesFromOutside(
  read: { readonly template: EnvTemplate; readonly lines: readonly Line[]; readonly text: string } & ReadEnvironment,
  ports: TemplatePorts,
): Promise<void> {
  const { template, lines, text, values, unset } = read;
  const bare = lines.flatMap(({ key, rest }) =>
    key === undefined || rest !== undefined || values.has(key) ? [] : [key],
  );
  if (bare.length === 0 && unset.length === 0) return;
  const set = Object.fromEntries([...bare, ...unset].map((name) => [name, "threads"]));
  const other = (await ports.read(text, set)).values;
  refuse(
    template,
    bare.filter((key) => other.has(key) || values.get("")?.trim() === key),
    (keys) => `${template.path} names ${keys} without a value: there is nothing to inherit in a smoke test`,
  );
  refuse(
    template,
    [...values.keys()].filter((key) => values.get(key) !== other.get(key)),
    (keys) =>
      `in ${template.path} a piece of these values gets lost, since a $ begins a variable that is not set: put them into single quotes: ${keys}`,
  );
}

/** Keys right below a comment of which a sentence is the word "Required". */
function requiredIn(lines: readonly Line[]): string[] {
  let comment = "";
  return lines.flatMap(({ text, key }) => {
    const isComment = text.trim().startsWith("#");
    const said = comment;
    comment = isComment ? `${comment} ${text.trim().replace(/^#+/, "")}` : "";
    return key === undefined || isComment || !saysRequired(said) ? [] : [key];
  });
}

function saysRequired(comment: string): boolean {
  return comment.split(/[.;!]/).some((sentence) => sentence.trim().toLowerCase() === "required");
}

/** What compose takes for a value though a person would not: a `#` right behind the sign, or behind a tab. */
function lookLikeComments(lines: readonly Line[], values: ReadonlyMap<string, string>): string[] {
  const found = lines.flatMap(({ key, rest = "" }) =>
    key === undefined || /^\s*["']/.test(rest) || !/^#|\s#/.test(values.get(key) ?? "") ? [] : [key],
  );
  return [...new Set(found)];
}

function refuse(template: EnvTemplate, keys: readonly string[], message: (keys: string) => string): void {
  if (keys.length > 0) throw templateFault(template.path, message([...new Set(keys)].join(", ")));
}

export function templateFault(path: string, message: string): ThreadsError {
  return new ThreadsError("ENV_TEMPLATE", { message, advice: [`correct ${path}`] });
}

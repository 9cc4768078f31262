import { spawnSync } from "node:child_process";

/** One line of a part of a host's script, changed. */
export interface Mutant {
  /** From 1. */
  readonly line: number;
  readonly was: string;
  readonly becomes: string;
}

/** One-line changes of a shell file that bash still reads: each should make a test red. */
export function mutantsOf(text: string): Mutant[] {
  const lines = text.split("\n");
  return lines.flatMap((was, index) => {
    if (/^\s*(#|$)/.test(was)) return [];
    const changed = new Set([...without(was), ...operators.flatMap((operator) => operator(was))]);
    changed.delete(was);
    return [...changed]
      .map((becomes) => ({ line: index + 1, was, becomes }))
      .filter((mutant) => canBeRead(withMutant(text, mutant)));
  });
}

export function withMutant(text: string, { line, becomes }: Mutant): string {
  return text
    .split("\n")
    .with(line - 1, becomes)
    .join("\n");
}

/** The function that a line is in, by the way we write them; undefined for what runs by itself. */
export function functionAt(text: string, line: number): string | undefined {
  const lines = text.split("\n").slice(0, line);
  for (const [above, words] of lines.toReversed().entries()) {
    const begins = /^([a-z_0-9]+)\(\) \{(.*\})?$/.exec(words);
    if (begins !== null) return begins[2] === undefined || above === 0 ? begins[1] : undefined;
    if (words === "}" && above > 0) return undefined;
  }
  return undefined;
}

const canBeRead = (text: string): boolean => spawnSync("bash", ["-n"], { input: text }).status === 0;

/** Nothing in its place. What only declares names, or says something to the log, does nothing that anybody goes by. */
function without(line: string): string[] {
  if (/^\s*(fi|done|esac|else|then|do|[{}()]|;;|local [a-z_ ]+|say ".*"|[a-z_0-9]+\(\) \{)$/.test(line)) return [];
  return /(then|do|\{|\\|&&|\|\||in|\()$/.test(line) ? [] : [`${/^\s*/.exec(line)?.[0] ?? ""}:`];
}

type Operator = (line: string) => string[];

/** One changed line for each place that matches. */
const each =
  (pattern: RegExp, change: (match: RegExpMatchArray) => string): Operator =>
  (line) =>
    [...line.matchAll(pattern)].map(
      (match) => line.slice(0, match.index) + change(match) + line.slice(match.index + match[0].length),
    );

/** Options with a word of their own after them. */
const withValue = "filter|format|alias|entrypoint|name|network|restart|user|label|tail|since|scale|env-file|pull";

const operators: readonly Operator[] = [
  // A condition is the contrary; one before && or || becomes that by the other of these.
  each(/(! )?(\[\[ (?:(?! \]\]).)* \]\](?! (?:&&|\|\|)))/g, ([, not, test]) =>
    not === undefined ? `! ${test}` : test!,
  ),
  each(/(?<![$(=])(! )?(\(\((?!\().*?\)\)(?! (?:&&|\|\|)))/g, ([, not, test]) =>
    not === undefined ? `! ${test}` : test!,
  ),
  each(/(?<=^\s*|; )(if|elif|while|until) (! )?(?![[(!:])/g, ([, word, not]) =>
    not === undefined ? `${word} ! ` : `${word} `,
  ),
  // A part of one is.
  each(
    / (==|!=)(?= (?:(?! \]\]).)*(?:&&|\|\|).* \]\])|(?<=(?:&&|\|\|)(?:(?! \]\]).)*) (==|!=)(?= .* \]\])/g,
    ([, one, other]) => ((one ?? other) === "==" ? " !=" : " =="),
  ),
  each(/ (<|>|<=|>=) (?=\w|\$)/g, ([, sign]) => ({ "<": " <= ", ">": " >= ", "<=": " < ", ">=": " > " })[sign!]!),
  each(/&&|\|\|/g, ([sign]) => (sign === "&&" ? "||" : "&&")),
  // A number is another one, and a switch the other way; how long a call may take at most is nobody's promise.
  each(/(?<=[a-z_]=)[01]\b(?!\d)/g, ([value]) => (value === "0" ? "1" : "0")),
  each(/(?<![\w$><&.=[-]|-k |-k \d+ |:-)(?<!\b(?:return|exit) )\d+(?![\w><&.\]-])/g, ([number]) =>
    String(Number(number) + 1),
  ),
  each(/\b(return|exit) ([01])\b/g, ([, word, code]) => `${word} ${code === "0" ? "1" : "0"}`),
  each(/"\$(NOT_READY|NOT_FETCHED|NOT_MIGRATED|BROUGHT_BACK|STUCK|BUSY|SUPERSEDED|STOPPED)"/g, () => '"$BUG"'),
  // An option of docker's is not given.
  each(
    new RegExp(
      `(?<=\\b(?:docker|compose) .*) (?:--(?:${withValue}) (?:"[^"]*"|\\S+)|--(?!foreground)[a-z][a-z-]*(?:=\\S+)?|-[a-jl-z]+(?= ))`,
      "g",
    ),
    () => "",
  ),
];

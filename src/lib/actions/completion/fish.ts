import type { Kind, Level } from "./facts.ts";
import { filled, namesProgram } from "./values.ts";

/** A word that fish reads as exactly this text. */
function fishWord(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}

/** The completion for fish 3 and newer. */
export function fishCompletion(levels: readonly Level[]): string {
  const taking = levels.flatMap(({ flags }) => flags.filter(({ value }) => value !== undefined));
  const names = new Set(taking.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short])));
  return filled("threads.fish", {
    NAMES_AWK: fishWord(namesProgram()),
    TAKING: [...names].join(" "),
    PLACES: levels.map(({ words }) => fishWord(words)).join(" "),
    LINES: levels.flatMap(levelLines).join("\n"),
  });
}

function levelLines({ words, next, flags, args }: Level): string[] {
  const at = (place?: number): string =>
    `complete -c threads -n ${fishWord(`__threads_at ${fishWord(words)}${place === undefined ? "" : ` ${place}`}`)}`;
  return [
    ...next.map(({ word, summary }) => `${at(0)} -a ${fishWord(word)} -d ${fishWord(summary)}`),
    ...flags.map(({ long, short, summary, value }) => {
      const name = `-l ${long.slice(2)}${short === undefined ? "" : ` -s ${short.slice(1)}`}`;
      return `${at()} ${name}${value === undefined ? "" : valueOption(value)} -d ${fishWord(summary)}`;
    }),
    ...args.flatMap((kind, place) => (kind === "nothing" ? [] : [`${at(place)}${offered(kind)}`])),
  ];
}

function valueOption(kind: Kind): string {
  if (kind === "files") return " -rF";
  return kind === "nothing" ? " -x" : ` -x${offered(kind)}`;
}

function offered(kind: Kind): string {
  return ` -a ${fishWord(typeof kind === "string" ? `(__threads_values ${kind})` : kind.join(" "))}`;
}

import { quote } from "../../script/shell-words.ts";
import type { Level } from "./facts.ts";
import { filled, kindText, namesProgram } from "./values.ts";

/** The completion for bash 3.2 and newer; it needs no package beside it. */
export function bashCompletion(levels: readonly Level[]): string {
  const next = ({ next: words }: Level): string => words.map(({ word }) => word).join(" ");
  const flags = (level: Level): string => level.flags.map(({ long }) => long).join(" ");
  return filled("threads.bash", { SHARED: shared(levels, { next, flags }) });
}

/** The completion for zsh: a function for a folder of $fpath, or to be read by a running shell. */
export function zshCompletion(levels: readonly Level[]): string {
  const described = (word: string, summary: string): string => quote(`${word}:${summary}`);
  const next = (level: Level): string => level.next.map(({ word, summary }) => described(word, summary)).join(" ");
  const flags = (level: Level): string => level.flags.map(({ long, summary }) => described(long, summary)).join(" ");
  return filled("threads.zsh", { SHARED: shared(levels, { next, flags }) });
}

function shared(levels: readonly Level[], words: Words): string {
  return filled("posix.sh", { NAMES_AWK: namesProgram(), CASES: cases(levels, words) }).trim();
}

interface Words {
  /** What may follow the words of a place, as items of an array. */
  readonly next: (level: Level) => string;
  readonly flags: (level: Level) => string;
}

/** What `_threads_level` sets for the words that lead to a place. */
function cases(levels: readonly Level[], { next, flags }: Words): string {
  return levels
    .map((level) => {
      const taking = level.flags.flatMap(({ long, short, value }) =>
        value === undefined
          ? []
          : [long, short].filter((name) => name !== undefined).map((name) => `${name} ${kindText(value)}`),
      );
      const kinds = level.args.map(kindText);
      const lines = [
        `next=(${next(level)})`,
        `flags=(${flags(level)})`,
        `values=(${taking.map(quote).join(" ")})`,
        `args=(${kinds.map(quote).join(" ")})`,
      ];
      return `    ${quote(level.words)})\n${lines.map((line) => `      ${line}\n`).join("")}      ;;`;
    })
    .join("\n");
}

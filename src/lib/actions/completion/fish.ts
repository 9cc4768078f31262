import type { Kind, Level } from "./facts.ts";
import { fixedWords, gitCommands, namesAwk, plainWord } from "./values.ts";

/** A word that fish reads as exactly this text. */
function fishWord(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}

/** The completion for fish 3 and newer. */
export function fishCompletion(levels: readonly Level[]): string {
  const taking = levels.flatMap(({ flags }) => flags.filter(({ value }) => value !== undefined));
  const names = new Set(taking.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short])));
  return `function __threads_file
    if test -n "$THREADS_CONFIG"
        echo $THREADS_CONFIG
        return
    end
    set -l folder $PWD
    while not test -f "$folder/threads.yml"
        test -n "$folder"; or return
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
    echo "$folder/threads.yml"
end

function __threads_values
    switch $argv[1]
        case environments services
            awk -v wanted=$argv[1] ${fishWord(namesAwk)} (__threads_file; or echo /dev/null) </dev/null
        case releases
            __threads_values environments
            ${gitCommands.join("\n            ")}
        case gates
            printf '%s\\n' ${fixedWords.gates.join(" ")}
        case codes
            printf '%s\\n' ${fixedWords.codes.join(" ")}
    end 2>/dev/null | string match -r ${fishWord(plainWord)}
end

# Words that lead to a command, how many follow that are its own arguments, and whether -- was among them; once a line.
function __threads_look
    set -l line (commandline -opc)
    if test "$line" = "$__threads_line"
        return
    end
    set -g __threads_line "$line"
    set -g __threads_path ''
    set -g __threads_place 0
    set -l own yes
    set -l pending ''
    for word in $line[2..-1]
        set -l longer (string trim -- "$__threads_path $word")
        if test -n "$pending"
            set pending ''
        else if test "$own" = yes; and test "$word" = --
            set own no
        else if test "$own" = yes; and string match -q -- '-*' $word
            if contains -- $word ${[...names].join(" ")}
                set pending yes
            end
        else if test "$own$__threads_place" = yes0; and contains -- $longer ${levels.map(({ words }) => fishWord(words)).join(" ")}
            set -g __threads_path $longer
        else
            set -g __threads_place (math $__threads_place + 1)
        end
    end
end

# PATH: a command of these words is being typed. PATH PLACE: and its argument of that place.
function __threads_at
    __threads_look
    test "$__threads_path" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test "$__threads_place" = "$argv[2]"
end

complete -c threads -e
complete -c threads -f
${levels.flatMap(levelLines).join("\n")}
`;
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

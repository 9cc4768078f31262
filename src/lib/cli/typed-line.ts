import { commandText } from "../process/processes.ts";

/** A command line of ours, as somebody typed it. */
export interface TypedLine {
  /** The command's words: `sandbox up`. */
  readonly command: string;
  /** What stood behind them. */
  readonly argv: readonly string[];
}

/** The line, fit for a shell. */
export function lineText({ command, argv }: TypedLine): string {
  return commandText({ file: "threads", args: [...command.split(" "), ...argv] });
}

/** What comes after `--` is for another program, or an argument whatever it looks like. */
export function ownWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end === -1 ? argv : argv.slice(0, end);
}

const takesTheNextWord = /^(?:-e|--environment)$/;
const holdsItsValue = /^(?:-e=?|--environment=)./;

/** Whether an environment was named, by itself or at the end of the line. */
export function namesEnvironment({ argv }: TypedLine): boolean {
  return ownWords(argv).some((word) => takesTheNextWord.test(word) || holdsItsValue.test(word));
}

/** The same line for another environment, named where the first one was, or last. */
export function withEnvironment({ command, argv }: TypedLine, name: string): TypedLine {
  const own = ownWords(argv);
  const changed = own.flatMap((word, at) => {
    const before = own[at - 1] ?? "";
    if (takesTheNextWord.test(word) || (holdsItsValue.test(word) && !takesTheNextWord.test(before)))
      return ["-e", name];
    return takesTheNextWord.test(before) && !word.startsWith("-") ? [] : [word];
  });
  const named = namesEnvironment({ command, argv }) ? changed : [...changed, "-e", name];
  return { command, argv: [...named, ...argv.slice(own.length)] };
}

/** The same line with one value for another: a word of its own, or behind a flag's `=`. */
export function withValue({ command, argv }: TypedLine, wrong: string, right: string): TypedLine {
  const own = ownWords(argv);
  const changed = own.map((word) => {
    if (word === wrong) return right;
    return word.startsWith("--") && word.endsWith(`=${wrong}`) ? `${word.slice(0, -wrong.length)}${right}` : word;
  });
  return { command, argv: [...changed, ...argv.slice(own.length)] };
}

/** The file that --config names, as it was typed. */
export function typedConfig({ argv }: TypedLine): string | undefined {
  const own = ownWords(argv);
  const at = own.findIndex((word) => word === "--config" || word.startsWith("--config="));
  if (at === -1) return undefined;
  return own[at] === "--config" ? own[at + 1] : own[at]?.slice("--config=".length);
}

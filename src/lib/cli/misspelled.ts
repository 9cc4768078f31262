import { suggest } from "../config/suggest.ts";
import { ownWords, type TypedLine } from "./typed-line.ts";

/** What was typed beside what was meant. */
export interface Misspelled {
  /** A sentence that names both, as far as the other is known. */
  readonly says: string;
  /** The line as it was meant; undefined where that is not clear. */
  readonly meant: TypedLine | undefined;
}

/** @param unknown the words that are no flags of the command, as they were typed. @param flags those that it has, by name */
export function misspelledFlags(line: TypedLine, unknown: readonly string[], flags: readonly string[]): Misspelled {
  const meant = new Map(unknown.map((word) => [word, meantFlag(word, flags)]));
  const told = unknown.map((word) => {
    const flag = meant.get(word);
    return `there is no flag ${nameOf(word)}${flag === undefined ? "" : `, did you mean --${flag}?`}`;
  });
  const own = ownWords(line.argv);
  const corrected = own.map((word) => {
    const flag = meant.get(word);
    return flag === undefined ? word : `--${flag}${word.includes("=") ? word.slice(word.indexOf("=")) : ""}`;
  });
  const isClear = [...meant.values()].every((flag) => flag !== undefined);
  const argv = [...corrected, ...line.argv.slice(own.length)];
  return { says: told.join("; "), meant: isClear ? { ...line, argv } : undefined };
}

/** Of a command that runs another program: the first word that is no flag of ours begins that program's. */
export function behindDashes(line: TypedLine, unknown: readonly string[]): TypedLine {
  const at = line.argv.findIndex((word) => unknown.includes(word));
  return { ...line, argv: [...line.argv.slice(0, at), "--", ...line.argv.slice(at).filter((word) => word !== "--")] };
}

const nameOf = (word: string): string => word.replace(/=.*/s, "");

/** `--dryrun`, `--env`, `--environmnt`; a single letter may mean anything. */
function meantFlag(word: string, flags: readonly string[]): string | undefined {
  const name = nameOf(word).replace(/^-+/, "");
  if (name.length < 2) return undefined;
  const bare = (text: string): string => text.replaceAll("-", "").toLowerCase();
  const begun = flags.filter((flag) => bare(flag).startsWith(bare(name)));
  // A letter that is missing is likelier than half a word: `--wit` is `--wait`, and no `--without`.
  return suggest(name, flags) ?? (begun.length === 1 ? begun[0] : undefined);
}

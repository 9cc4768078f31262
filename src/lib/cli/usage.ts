import { stripVTControlCharacters } from "node:util";
import { ThreadsError } from "../errors/threads-error.ts";
import { behindDashes, misspelledFlags } from "./misspelled.ts";
import { lineText, namesEnvironment, type TypedLine, withEnvironment } from "./typed-line.ts";

/** As much of a command as tells what may have been meant. */
export interface Asked {
  readonly line: TypedLine;
  /** Names of its flags. */
  readonly flags: readonly string[];
  /** Whether what it does not know is for a program that it runs. */
  readonly passesOn?: boolean;
  readonly environments?: readonly string[];
}

/** oclif's complaint, with what some kinds of it carry. */
type Complaint = Error & { readonly flags?: unknown; readonly args?: unknown };

/** What was typed cannot be meant so. @param complaint a sentence, or oclif's spread of lines. @param meant lines that can */
function wrongUsage(complaint: string, { line, meant = [], cause }: WrongUsage): ThreadsError {
  return new ThreadsError("USAGE", {
    message: sentence(complaint),
    next: [...meant.map(lineText), lineText({ ...line, argv: ["--help"] })],
    ...(cause === undefined ? {} : { cause }),
  });
}

interface WrongUsage {
  readonly line: TypedLine;
  readonly meant?: readonly TypedLine[];
  readonly cause?: Error | undefined;
}

/** What oclif did not understand, with what was probably meant. */
export function notParsed(cause: Complaint, asked: Asked): ThreadsError {
  const { line, flags, passesOn = false, environments = [] } = asked;
  const words = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);
  if (lacksEnvironment(cause)) return environmentMissing(asked, environments, cause);
  if (cause.message.startsWith("Nonexistent flag")) {
    const unknown = words(cause.flags);
    const { says, meant } = misspelledFlags(line, unknown, flags);
    const passed = passesOn ? behindDashes(line, unknown) : undefined;
    return wrongUsage(says, { line, meant: [meant ?? passed].filter((one) => one !== undefined), cause });
  }
  if (cause.message.startsWith("Unexpected argument")) return unexpected(words(cause.args), asked, cause);
  return wrongUsage(cause.message, { line, cause });
}

/** Where -e is needed and was left out, or has no value. */
export function lacksEnvironment({ message }: Error): boolean {
  // On a terminal oclif paints parts of it.
  const plain = stripVTControlCharacters(message);
  return /^ *Missing required flag environment *$|^Flag --environment expects a value/m.test(plain);
}

function environmentMissing({ line }: Asked, environments: readonly string[], cause: Error): ThreadsError {
  const given = line.argv.find((word) => environments.includes(word));
  const instead = given === undefined ? [] : [withEnvironment(without(line, given), given)];
  const others = environments.filter((name) => name !== given).map((name) => withEnvironment(line, name));
  const among = environments.length === 0 ? "" : `: ${environments.join(", ")}`;
  return wrongUsage(`-e must say which environment${among}`, { line, meant: [...instead, ...others], cause });
}

/** A word alone may be a release; where a command takes none, it is an environment, or HEAD, which is meant anyway. */
export function unexpected(words: readonly string[], { line, flags }: Asked, cause?: Error): ThreadsError {
  const complaint = `Unexpected argument${words.length === 1 ? "" : "s"}: ${words.join(" ")}`;
  const [word = ""] = words;
  const isEnvironment = flags.includes("environment") && /^[a-z][\w-]*$/.test(word) && !namesEnvironment(line);
  const rest = without(line, word);
  const meant = isEnvironment ? [withEnvironment(rest, word)] : word === "HEAD" ? [rest] : [];
  return wrongUsage(complaint, { line, meant: words.length === 1 ? meant : [], cause });
}

function without(line: TypedLine, word: string): TypedLine {
  const at = line.argv.indexOf(word);
  return { ...line, argv: line.argv.filter((_, index) => index !== at) };
}

/** oclif spreads its complaints over a heading, lines and columns: one sentence of it. */
function sentence(complaint: string): string {
  const [body = ""] = stripVTControlCharacters(complaint).split("\nSee more help");
  const lines = body.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, ": "));
  return lines
    .filter((line) => line !== "" && !/^The following errors? occurred:$/.test(line))
    .join(" ")
    .replace(/^Parsing (--\S+) Expected /, "$1: expected ")
    .replace(/^(--[\w-]+)=.* cannot also be provided when using (--[\w-]+)$/s, "$1 and $2 cannot be given together");
}

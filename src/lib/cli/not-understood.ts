import type { Config } from "@oclif/core";
import { suggest } from "../config/suggest.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { findPage, pageNames } from "../help/pages.ts";
import { failureFor } from "./next-for.ts";
import { programOf } from "./program.ts";
import { lineText, type TypedLine } from "./typed-line.ts";
import { unexpected } from "./usage.ts";

type Commands = Pick<Config, "commandIDs" | "topics" | "findCommand">;

const words = (id: string): string => id.replaceAll(":", " ");

/** @param typed the words up to the first flag. @param argv what stood behind them */
export function notUnderstood(typed: string, config: Commands, argv: readonly string[] = []): ThreadsError {
  const known = config.commandIDs.map(words);
  const command = known.toSorted((a, b) => b.length - a.length).find((name) => typed.startsWith(`${name} `));
  if (command !== undefined) {
    const given = typed.slice(command.length + 1).split(" ");
    const flags = Object.keys(config.findCommand(command.replaceAll(" ", ":"))?.flags ?? {});
    return unexpected(given, { line: { command, argv: [...given, ...argv] }, flags });
  }
  const subject = findPage(typed);
  if (subject !== undefined) return unknown(typed, [`threads help ${subject.name}`], ", it is a subject");
  const others = [...config.topics.map(({ name }) => words(name)), ...pageNames()];
  const meant = meantLine(typed.split(" "), [...new Set([...known, ...others])]);
  const topic = config.topics.find(({ name }) => typed.startsWith(`${name} `));
  if (meant === undefined) return unknown(typed, [`threads ${topic === undefined ? "" : `${topic.name} `}--help`]);
  const page = pageOf(meant, config);
  const line = lineText({ ...meant, argv: [...meant.argv, ...argv] });
  const isAsked = argv.includes("--help") || !known.includes(meant.command);
  return unknown(typed, isAsked || line === page ? [page] : [line, page], `, did you mean "${meant.command}"?`);
}

/** The same failure, as whoever has started us can type what is next. */
export function forWhomever(failure: ThreadsError, { commandIDs }: Commands, env: NodeJS.ProcessEnv): ThreadsError {
  const line = { command: "", argv: [] };
  const commands = commandIDs.map(words);
  return failureFor(failure, { line, commands, looksOnly: false, inSandbox: true, program: programOf(env) });
}

function pageOf(meant: TypedLine, config: Commands): string {
  const { command } = meant;
  if (command === "help") return "threads help";
  const isCommand = config.findCommand(command.replaceAll(" ", ":")) !== undefined;
  return isCommand || config.topics.some(({ name }) => words(name) === command)
    ? lineText({ ...meant, argv: ["--help"] })
    : `threads help ${command}`;
}

/** What follows a command may be its arguments: the longest beginning that is near to one decides, a word at a time. */
function meantLine(typed: readonly string[], known: readonly string[]): TypedLine | undefined {
  for (let length = typed.length; length > 0; length -= 1) {
    const topic = typed
      .slice(0, length - 1)
      .map((word) => `${word} `)
      .join("");
    const words = known.filter((name) => name.startsWith(topic)).map((name) => name.slice(topic.length));
    const meant = suggest(typed[length - 1] ?? "", words);
    // A topic that was typed right: what follows it is what is wrong.
    if (meant === typed[length - 1]) return undefined;
    if (meant !== undefined) return { command: `${topic}${meant}`, argv: typed.slice(length) };
  }
  return undefined;
}

function unknown(typed: string, next: readonly string[], suggestion = ""): ThreadsError {
  const message = `there is no command "${typed}"${suggestion}`;
  return new ThreadsError("UNKNOWN_COMMAND", { message, next });
}

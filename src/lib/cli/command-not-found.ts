import type { Config, Hook } from "@oclif/core";
import { suggest } from "../config/suggest.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { describeTerminal } from "../output/terminal.ts";
import { reportFailure } from "./report-failure.ts";
import { wrongUsage } from "./usage.ts";

const words = (id: string): string => id.replaceAll(":", " ");
/** What people type first, as other tools understand it. */
const helpWords = new Set(["-h", "-?", "help"]);
const versionWords = new Set(["-v", "-V", "version"]);

/** oclif's hook for a command that does not exist: says so, and names the one that was probably meant. */
const commandNotFound: Hook<"command_not_found"> = async ({ id, argv, config }) => {
  const terminal = describeTerminal(process, process.env);
  const json = argv?.includes("--json") ?? false;
  process.exitCode = await reportFailure(notUnderstood(words(id), config), { terminal, json, debug: false });
};

export default commandNotFound;

/** @param typed the words up to the first flag */
export function notUnderstood(
  typed: string,
  config: Pick<Config, "commandIDs" | "topics" | "findCommand">,
): ThreadsError {
  const known = config.commandIDs.map(words);
  const [first = "", ...rest] = typed.split(" ");
  const command = known.toSorted((a, b) => b.length - a.length).find((name) => typed.startsWith(`${name} `));
  if (command !== undefined) return unexpected(command, typed.slice(command.length + 1), config);
  const page = known.includes(rest.join(" ")) ? [...rest, "--help"] : ["--help"];
  if (helpWords.has(first)) return unknown(typed, `threads ${page.join(" ")}`);
  if (versionWords.has(first)) return unknown(typed, "threads --version");
  const meant = suggest(typed, [...known, ...config.topics.map(({ name }) => words(name))]);
  if (meant === undefined) return unknown(typed, "threads --help");
  return unknown(typed, `threads ${meant} --help`, `, did you mean "${meant}"?`);
}

/** Of a command that takes no argument: an environment is a flag's value, since a word alone may be a release. */
function unexpected(command: string, argument: string, config: Pick<Config, "findCommand">): ThreadsError {
  const usage = wrongUsage(`Unexpected argument: ${argument}`, { command });
  const flags = config.findCommand(command.replaceAll(" ", ":"))?.flags ?? {};
  if (!("environment" in flags) || !/^[a-z][\w-]*$/.test(argument)) return usage;
  return usage.with({ next: [`threads ${command} -e ${argument}`, ...usage.next] });
}

function unknown(typed: string, next: string, suggestion = ""): ThreadsError {
  const message = `there is no command "${typed}"${suggestion}`;
  return new ThreadsError("UNKNOWN_COMMAND", { message, next: [next] });
}

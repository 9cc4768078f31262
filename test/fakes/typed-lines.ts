import { type Command, Parser } from "@oclif/core";

/** The command that a line of threads begins with, and the words behind it. */
function commandOf(commands: readonly Command.Loadable[], words: readonly string[]) {
  const line = words.join(" ");
  const all = commands.toSorted((a, b) => b.id.length - a.id.length);
  const command = all.find(({ id }) => `${line} `.startsWith(`${id.replaceAll(":", " ")} `));
  return command === undefined ? undefined : { command, argv: words.slice(command.id.split(":").length) };
}

/** The words of a shell line, without what a pipe, a redirection or a comment adds. */
function wordsOf(line: string): string[] {
  const own = line.replace(/\s(?:[|>]|# ).*$/, "").trim();
  return [...own.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
}

/** A command may be named without what it needs, or up to a flag: `threads deploy`, `threads promote --as`. */
export const lacksOnly = (fault: string): boolean => /Missing required flag|expects a value/.test(fault);

/**
 * What keeps a line that a document shows from being typed; undefined where it can be.
 * @param line from `threads` on
 */
export async function faultOf(line: string, commands: readonly Command.Loadable[]): Promise<string | undefined> {
  const [, ...words] = wordsOf(line);
  const [first] = words;
  if (words.length === 0 || first === "--help" || first === "version" || line === "threads sandbox") return undefined;
  const found = commandOf(commands, words);
  if (found === undefined) return `${line}: there is no such command`;
  const { command, argv } = found;
  if (argv.includes("--help")) return undefined;
  const { flags, args, strict, baseFlags } = await command.load();
  try {
    await Parser.parse([...argv], { flags: { ...baseFlags, ...flags }, args, strict: strict ?? true });
    return undefined;
  } catch (error) {
    return `${line}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

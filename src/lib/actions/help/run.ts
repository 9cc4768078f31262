import { suggest } from "../../config/suggest.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { findPage, isSubject, pageNames } from "../../help/pages.ts";
import { describedCommands, resultSchema } from "../../help/result-schema.ts";
import type { HelpResult } from "./result.ts";

/**
 * A subject, a command's page, or the schema of its result.
 * @param words what was asked for. @param commandPage the text of a command's page. @throws ThreadsError UNKNOWN_COMMAND
 */
export async function help(
  words: readonly string[],
  commandPage: (words: readonly string[]) => Promise<string>,
): Promise<HelpResult> {
  const subjects = pageNames().map((name) => ({ name, title: findPage(name)?.title ?? name }));
  const shown = { outcome: "shown", subjects, next: [], advice: [] } as const;
  const [first, ...command] = words;
  if (!isSubject(words)) {
    const page = words.length === 0 ? null : words.join(" ");
    return { ...shown, page, text: await commandPage(words), schema: null };
  }
  if (command.length > 0) return { ...shown, page: command.join(" "), text: null, schema: schemaOf(command.join(" ")) };
  const page = findPage(first ?? "");
  return { ...shown, page: page?.name ?? null, text: page?.text ?? null, schema: null };
}

function schemaOf(command: string): HelpResult["schema"] {
  const found = resultSchema(command);
  if (found !== undefined) return found;
  const meant = suggest(command, describedCommands());
  throw new ThreadsError("UNKNOWN_COMMAND", {
    message: `there is no command "${command}"${meant === undefined ? "" : `, did you mean "${meant}"?`}`,
    next: [meant === undefined ? "threads help" : `threads help json ${meant}`],
  });
}

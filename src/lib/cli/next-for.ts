import type { ThreadsError } from "../errors/threads-error.ts";
import { commandText } from "../process/processes.ts";
import { lineText, namesEnvironment, ownWords, type TypedLine, typedConfig } from "./typed-line.ts";

export interface NextOptions {
  readonly line: TypedLine;
  /** The words of every command. */
  readonly commands: readonly string[];
  /** It asks and changes nothing: the same again would only say the same. */
  readonly looksOnly: boolean;
  /** AWS is played by a machine of one's own. */
  readonly inSandbox: boolean;
}

/**
 * The commands of a result or a failure, for whoever typed this line: they are about the same file as it, where it only
 * looks, never the line itself, and where AWS is AWS, no sandbox.
 */
export function nextFor(commands: readonly string[], options: NextOptions): string[] {
  return commands
    .filter((command) => !options.looksOnly || !isSame(command, options.line))
    .filter((command) => command !== "threads sandbox up" || isOfSandbox(options))
    .map((command) => withConfig(command, options));
}

/** What no command does, for whoever typed this line: the commands in it are about the same file. */
function adviceFor(advice: readonly string[], options: NextOptions): string[] {
  return advice.map((sentence) => withConfig(sentence, options));
}

/** A failure for this line. */
export function failureFor(error: ThreadsError, options: NextOptions): ThreadsError {
  const [next, advice] = [nextFor(error.next, options), adviceFor(error.advice, options)];
  const again = error.next.length > 0 && next.length + advice.length === 0 ? ["look again in a minute"] : [];
  return error.with({ next, advice: [...advice, ...again] });
}

/** A result with each `next` in it, `advice` and `undo`, made for this line. */
export function resultFor<T>(result: T, options: NextOptions): T {
  return changed(result, options) as T;
}

function changed(value: unknown, options: NextOptions): unknown {
  if (Array.isArray(value)) return value.map((item) => changed(item, options));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (key === "next" && Array.isArray(inner)) return [key, nextFor(inner as string[], options)];
    if (key === "advice" && Array.isArray(inner)) return [key, adviceFor(inner as string[], options)];
    if (key === "undo" && typeof inner === "string") return [key, withConfig(inner, options)];
    return [key, changed(inner, options)];
  });
  return Object.fromEntries(entries);
}

function isOfSandbox({ line, inSandbox }: NextOptions): boolean {
  return inSandbox || /^(?:sandbox|init)\b/.test(line.command);
}

/** `status` of one environment is no answer to that of all, and the other way round; that of another one may be. */
function isSame(command: string, line: TypedLine): boolean {
  if (command === lineText(line)) return true;
  const [, verb, , other] = command.split(" ");
  if (verb !== "status" || line.command !== verb) return false;
  const isOfAnother = other !== undefined && namesEnvironment(line);
  return (
    !isOfAnother || ownWords(line.argv).some((word) => [other, `-e${other}`, `--environment=${other}`].includes(word))
  );
}

/** --config behind each command of ours, wherever it stands; help is the same for all. */
function withConfig(text: string, { line, commands }: NextOptions): string {
  const file = typedConfig(line);
  if (file === undefined || text.includes(" --config")) return text;
  const flag = commandText({ file: "--config", args: [file] });
  const ours = commands.toSorted((a, b) => b.length - a.length).join("|");
  return text.replaceAll(
    new RegExp(String.raw`\bthreads (?:${ours})(?=$|[\s)"])(?! --help)`, "g"),
    (found) => `${found} ${flag}`,
  );
}

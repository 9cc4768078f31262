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
  /** How the person's shell finds us, see `programOf`. */
  readonly program: string;
}

/**
 * The commands of a result or a failure, for whoever typed this line: they are about the same file as it, where it only
 * looks, never the line itself, and where AWS is AWS, no sandbox.
 */
export function nextFor(commands: readonly string[], options: NextOptions): string[] {
  return commands
    .filter((command) => !options.looksOnly || !isSame(command, options.line))
    .filter((command) => command !== "threads sandbox up" || isOfSandbox(options))
    .map((command) => typable(command, options));
}

/** What no command does, for whoever typed this line: the commands in it are about the same file. */
function adviceFor(advice: readonly string[], options: NextOptions): string[] {
  return advice.map((sentence) => typable(sentence, options));
}

/** A failure for this line. */
export function failureFor(error: ThreadsError, typed: NextOptions): ThreadsError {
  // A line that was not understood has not looked at anything yet.
  const options = error.code === "USAGE" ? { ...typed, looksOnly: false } : typed;
  const [next, advice] = [nextFor(commandsOf(error, options), options), adviceFor(error.advice, options)];
  const again = error.next.length > 0 && next.length + advice.length === 0 ? ["look again in a minute"] : [];
  return error.with({ next, advice: [...advice, ...again] });
}

/** Whatever was interrupted and knows nothing better is begun again by the line that began it. */
function commandsOf({ code, next, advice }: ThreadsError, { line, looksOnly }: NextOptions): readonly string[] {
  const isBare = code === "INTERRUPTED" && !looksOnly && next.length + advice.length === 0;
  return isBare ? [lineText(line)] : next;
}

/** A result with each `next` in it, `advice`, and the commands that undo something, made for this line. */
export function resultFor<T>(result: T, options: NextOptions): T {
  return changed(result, options) as T;
}

function changed(value: unknown, options: NextOptions): unknown {
  if (Array.isArray(value)) return value.map((item) => changed(item, options));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (key === "next" && Array.isArray(inner)) return [key, nextFor(inner as string[], options)];
    if (key === "advice" && Array.isArray(inner)) return [key, adviceFor(inner as string[], options)];
    if (undoing.has(key) && typeof inner === "string") return [key, typable(inner, options)];
    return [key, changed(inner, options)];
  });
  return Object.fromEntries(entries);
}

/** Keys with a command: of a deployment, of a freeze. */
const undoing: ReadonlySet<string> = new Set(["undo", "lift"]);

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

/** Each command of ours, wherever it stands, as this person can type it. */
function typable(text: string, { line, commands, program }: NextOptions): string {
  const whole = withConfig(text, { file: typedConfig(line), commands });
  if (program === "threads") return whole;
  const first = commands.map((words) => words.replace(/ .*/, "")).join("|");
  return whole.replaceAll(
    new RegExp(String.raw`(?<![\w/@.-])threads (?=(?:${first}|--help)(?:$|[\s)"]))`, "g"),
    `${program} `,
  );
}

/** --config behind each command of ours; help is the same for all. */
function withConfig(
  text: string,
  { file, commands }: { readonly file: string | undefined; readonly commands: readonly string[] },
): string {
  if (file === undefined || text.includes(" --config")) return text;
  const ours = commands.toSorted((a, b) => b.length - a.length).join("|");
  const flag = commandText({ file: "--config", args: [file] });
  return text.replaceAll(
    new RegExp(String.raw`\bthreads (?:${ours})(?=$|[\s)"])(?! --help)`, "g"),
    (found) => `${found} ${flag}`,
  );
}

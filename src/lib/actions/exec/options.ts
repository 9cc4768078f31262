import { ThreadsError } from "../../errors/threads-error.ts";
import { commandText } from "../../process/processes.ts";
import { bashWord } from "../../script/shell-words.ts";

export interface ExecOptions {
  readonly environment: string;
  /** Id or name. */
  readonly host: string | undefined;
  /** The service, the program, and its arguments, as they were typed. */
  readonly words: readonly string[];
  readonly timeoutMs: number;
  readonly dryRun: boolean;
}

/** Room for the command in what SSM takes, in bytes as bash writes them. */
const longestCommand = 16_000;

/** The line as it is typed, with something else in some places. */
export function execLine(
  { environment, host, words, timeoutMs, dryRun }: ExecOptions,
  change: { readonly environment?: string; readonly host?: string; readonly service?: string } = {},
): string {
  const where = change.host ?? host;
  const [service = "", ...command] = words;
  const args = [
    "-e",
    change.environment ?? environment,
    ...(where === undefined ? [] : ["--host", where]),
    ...(timeoutMs === standardTimeoutMs ? [] : ["--timeout", String(timeoutMs / 1000)]),
    ...(dryRun ? ["--dry-run"] : []),
    change.service ?? service,
    "--",
    ...command,
  ];
  return commandText({ file: "threads", args: ["exec", ...args] });
}

/** How long a command may take where nothing is said, and at most. */
const standardTimeoutMs = 300_000;
export const longestTimeoutMs = 3_600_000;

/** @throws ThreadsError NO_COMMAND, USAGE */
export function splitWords({ environment, words }: ExecOptions): { service: string; command: readonly string[] } {
  const [service, ...command] = words;
  const place = service ?? "SERVICE";
  if (service === undefined || command.length === 0)
    throw new ThreadsError("NO_COMMAND", {
      message: service === undefined ? "a service and a command are missing" : `a command for ${service} is missing`,
      next: ["threads exec --help"],
      advice: [`write it after two dashes: threads exec -e ${environment} ${place} -- COMMAND…`],
    });
  const bytes = Buffer.byteLength(command.map(bashWord).join(" "));
  if (bytes > longestCommand)
    throw new ThreadsError("USAGE", {
      message: `the command has ${bytes} bytes, and SSM has room for ${longestCommand}`,
      next: ["threads exec --help"],
      advice: ["put what is long into a file of the image"],
    });
  return { service, command };
}

import type { Compose } from "../compose/docker-compose.ts";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { type CommandFailed, commandText } from "../process/processes.ts";
import { type Migration, readMigrations } from "../release/migrations.ts";

/** It reads files, and asks nobody: this ends what hangs, and leaves a busy machine its time. */
const timeoutMs = 180_000;

/**
 * Asks an image for the migrations that its release has, by the command of threads.yml (runtime.migrations), without
 * network and database.
 * @param environment of the application, as the smoke stack has it
 * @returns undefined where threads.yml names no command: then nobody knows. @throws ThreadsError MIGRATIONS_UNREADABLE (checks)
 */
export async function listMigrations(
  asked: { readonly image: string; readonly environment: ReadonlyMap<string, string> },
  ports: {
    readonly config: Pick<Config, "runtime">;
    readonly compose: Pick<Compose, "runAlone">;
    readonly signal: AbortSignal;
  },
): Promise<readonly Migration[] | undefined> {
  const { migrations } = ports.config.runtime;
  if (migrations === undefined) return undefined;
  const { service, command } = migrations;
  const words = typeof command === "string" ? ["sh", "-c", command] : command;
  const named = `${service}: ${typeof command === "string" ? command : commandText({ file: words[0] ?? "", args: words.slice(1) })}`;
  const explain = (failure: CommandFailed): ThreadsError =>
    unreadable(
      `${named} ${failure.exitCode === undefined ? "did not end" : `ended with exit code ${failure.exitCode}`}${lastOf(failure.tail)}`,
      failure.tail,
    );
  const ask = (): Promise<string> =>
    ports.compose.runAlone({ ...asked, command: words }, { signal: ports.signal, timeoutMs, explain });
  // A busy engine gives up handing on the output of a container that has ended: what has printed nothing is asked again.
  const first = await ask();
  const text = first.trim() === "" ? await ask() : first;
  const read = readMigrations(text);
  if (!("why" in read)) return read;
  const shown = read.line === undefined ? text.split("\n").slice(0, 5) : [text.split("\n")[read.line - 1] ?? ""];
  throw unreadable(
    `${named} lists no migrations: ${read.line === undefined ? "" : `line ${read.line}: `}${read.why}`,
    shown,
  );
}

/** What a command says last is mostly why it did not do it. */
function lastOf(tail: readonly string[]): string {
  const last = tail.at(-1)?.trim() ?? "";
  return last === "" ? "" : `: ${last.slice(0, 160)}`;
}

function unreadable(message: string, details: readonly string[]): ThreadsError {
  return new ThreadsError("MIGRATIONS_UNREADABLE", {
    message,
    details,
    next: ["threads smoke"],
    advice: [
      "correct the command, or runtime.migrations in threads.yml: it runs without network and database, and prints nothing else",
    ],
  });
}

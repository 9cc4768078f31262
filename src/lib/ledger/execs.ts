import type { Author } from "./author.ts";
import { encodeRecord, recordFits } from "./record.ts";
import type { ExecRecord } from "./shapes.ts";
import { createParameter, type StorePorts } from "./store.ts";

/** A command that somebody has run in a container: who, when, where and what, and nothing of what it said. */
export interface Exec {
  readonly host: { readonly id: string; readonly name: string };
  readonly service: string;
  /** The program and its arguments; the end of a long one is missing, and `…` says so. */
  readonly command: readonly string[];
  readonly by: Author;
  /** ISO 8601. */
  readonly at: string;
}

/** The records of commands: `/<app>/<environment>/execs/<nonce>`. */
export interface Execs {
  /** Write-once, and not tried for long: it only tells. @param nonce of the order, so that the host's processes can be found by it */
  recordExec(environment: string, nonce: string, exec: Exec): Promise<void>;
}

export const execFolder = "execs";

/** What is left of a command that a record has no room for, in characters. */
const longestCommand = 500;

/** The records of commands in Parameter Store. */
export function parameterExecs(ports: StorePorts): Execs {
  return {
    recordExec: async (environment, nonce, exec) => {
      const whole: ExecRecord = { schema: 1, version: ports.version, ...told(exec), nonce };
      const record = recordFits(whole) ? whole : { ...whole, command: beginning(exec.command) };
      const name = `/${ports.app}/${environment}/${execFolder}/${nonce}`;
      await createParameter(name, encodeRecord(record, "the record of the command", {}), ports, { patienceMs: 0 });
    },
  };
}

function told({ host: { id, name }, service, command, by, at }: Exec): Omit<ExecRecord, "schema" | "nonce"> {
  return { host: { id, name }, service, command: [...command], by, at };
}

function beginning(command: readonly string[]): string[] {
  let left = longestCommand;
  const words: string[] = [];
  for (const word of command) {
    words.push(word.slice(0, left));
    left -= word.length;
    if (left <= 0) break;
  }
  return [...words, "…"];
}

import { commandText } from "../../process/processes.ts";

interface Typed {
  readonly environment: string;
  /** The release before where undefined. */
  readonly release: string | undefined;
  readonly without: readonly string[];
}

/** The line as it is typed again: to the same release, and with the same hosts left out. */
export function rollbackLine({ environment, release, without }: Typed): string {
  const args = [
    "-e",
    environment,
    ...(release === undefined ? [] : [release]),
    ...without.flatMap((host) => ["--without", host]),
  ];
  return commandText({ file: "threads", args: ["rollback", ...args] });
}

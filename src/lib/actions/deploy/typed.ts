import { commandText } from "../../process/processes.ts";

interface Typed {
  readonly environment: string;
  readonly release: string;
  readonly without: readonly string[];
  readonly liftHold: number | undefined;
  readonly allowOlder: boolean;
}

/** The line as it is typed again, with the flags that decide what it may do, and to which hosts. */
export function deployLine({ environment, release, without, liftHold, allowOlder }: Typed): string {
  const args = [
    "-e",
    environment,
    release,
    ...without.flatMap((host) => ["--without", host]),
    ...(liftHold === undefined ? [] : ["--lift-hold", String(liftHold)]),
    ...(allowOlder ? ["--allow-older"] : []),
  ];
  return commandText({ file: "threads", args: ["deploy", ...args] });
}

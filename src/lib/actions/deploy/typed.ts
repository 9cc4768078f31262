import { shareText, weightsText } from "../../config/pace.ts";
import type { Pace } from "../../fleet/rounds.ts";
import { commandText } from "../../process/processes.ts";

interface Typed {
  readonly environment: string;
  /** Undefined where it goes on with what did not end. */
  readonly release: string | undefined;
  readonly without: readonly string[];
  readonly liftHold?: number | undefined;
  readonly allowOlder?: boolean;
  readonly pace: Partial<Pace>;
}

/** The line as it is typed again, with the flags that decide what it may do, and to which hosts. */
export function deployLine({ environment, release, without, liftHold, allowOlder, pace }: Typed): string {
  const args = [
    "-e",
    environment,
    release ?? "--resume",
    ...without.flatMap((host) => ["--without", host]),
    ...(liftHold === undefined ? [] : ["--lift-hold", String(liftHold)]),
    ...(allowOlder === true ? ["--allow-older"] : []),
    ...(pace.observeMs === undefined ? [] : ["--observe", `${pace.observeMs / 1000}s`]),
    ...(pace.batch === undefined ? [] : ["--batch", shareText(pace.batch)]),
    ...(pace.weights === undefined ? [] : ["--weights", weightsText(pace.weights)]),
    ...(pace.maxUnavailable === undefined ? [] : ["--max-unavailable", shareText(pace.maxUnavailable)]),
  ];
  return commandText({ file: "threads", args: ["deploy", ...args] });
}

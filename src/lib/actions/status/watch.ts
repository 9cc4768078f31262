import { silentProgress } from "../../progress/progress.ts";
import { changesOf } from "./changes.ts";
import type { StatusResult } from "../../fleet/status-result.ts";
import { status, type StatusPorts } from "./run.ts";

export interface WatchPorts extends StatusPorts {
  /** Called after each look, with what is different from the one before. */
  readonly show: (result: StatusResult, changes: readonly string[]) => void;
  /** Aborted when nobody looks any more. */
  readonly closed: AbortSignal;
}

/** A look is a command to all hosts, a dozen calls around it, and one more for each of them: SSM takes a few a second. */
const everyMs = 3_000;
const perHostMs = 100;

/** Looks again and again until Ctrl-C, or nobody looks any more. @returns the last look. @throws as status does */
export async function watchStatus(
  options: { readonly environment: string | undefined },
  ports: WatchPorts,
): Promise<StatusResult> {
  const { clock, closed, signal, show } = ports;
  const stop = AbortSignal.any([signal, closed]);
  const told = new Set<string>();
  // The same warning at each look is one.
  const warn = (text: string): void => {
    if (!told.has(text)) ports.progress.warn(text);
    told.add(text);
  };
  let last: StatusResult | undefined;
  try {
    for (;;) {
      const result = await status(options, { ...ports, signal: stop, progress: { ...silentProgress, warn } });
      show(result, changesOf(last, result));
      last = result;
      const hosts = result.environments.flatMap((one) => one.hosts).length;
      await clock.sleep(everyMs + hosts * perHostMs, stop);
    }
  } catch (error) {
    if (!stop.aborted || last === undefined) throw error;
    return last;
  }
}

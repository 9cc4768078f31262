import { type Progress, silentProgress } from "./progress.ts";

/** How much a person wants to be told beside the result. */
export interface Loudness {
  /** Warnings, failures, and what programs print themselves; no step and no note. */
  readonly quiet: boolean;
  /** Details too. */
  readonly verbose: boolean;
}

export function atLoudness(progress: Progress, { quiet, verbose }: Loudness): Progress {
  if (quiet) return { ...silentProgress, warn: (text) => progress.warn(text), line: (text) => progress.line(text) };
  return verbose ? progress : { ...progress, detail: () => undefined };
}

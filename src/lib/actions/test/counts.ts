import { wordsOf } from "../../errors/words-of.ts";
import type { Progress } from "../../progress/progress.ts";
import type { SuiteCounts } from "../../suites/junit.ts";
import type { BringReports, Wanted } from "../../suites/reports.ts";

interface CountPorts {
  readonly reports: BringReports;
  readonly progress: Pick<Progress, "note" | "warn">;
  readonly signal: AbortSignal;
}

/**
 * What suites left of their tests. That nothing can be read of it is a warning: the exit code is the verdict.
 * @param service whose container it is. @throws the signal's reason
 */
export async function countsOf(
  wanted: Wanted,
  service: string,
  { reports, progress, signal }: CountPorts,
): Promise<SuiteCounts | undefined> {
  const { from, to } = wanted;
  const notOut = (why: string): void => progress.warn(`what the suites left in ${from} was not brought out: ${why}`);
  try {
    const brought = await reports(wanted);
    if (brought === undefined)
      progress.warn(`the suites left nothing in ${from} of ${service}; a tmpfs goes with its container`);
    else if (brought.unsaved !== undefined) notOut(brought.unsaved);
    else if (to !== undefined) progress.note(`${brought.files.join(", ")} in ${to}`);
    if (brought?.counts?.tests === 0) progress.warn("the suites ran no test, by what they left");
    return brought?.counts;
  } catch (error) {
    // Whoever interrupts it hears no verdict.
    if (signal.aborted) throw error;
    notOut(wordsOf(error));
    return undefined;
  }
}

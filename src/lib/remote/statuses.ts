import type { HostRun } from "./remote.ts";

const pending = new Set(["pending", "inprogress", "delayed", "cancelling"]);
/** Ended, and the script certainly did not run here. The command as a whole may still say Success. */
const neverRan = new Set(["undeliverable", "invalidplatform", "accessdenied", "terminated"]);

/** StatusDetails appear with and without spaces (`In Progress`, `InProgress`). */
export function normalise(status: string): string {
  return status.replaceAll(/\s/g, "").toLowerCase();
}

/**
 * What an invocation's StatusDetails mean for the host (Systems Manager user guide, monitor-commands).
 * @returns undefined while it is not over; `Cancelling` is not final
 */
export function endOf(status: string): HostRun["end"] | undefined {
  const word = normalise(status);
  if (word === "" || pending.has(word)) return undefined;
  if (word === "success") return "succeeded";
  if (word === "failed") return "failed";
  return neverRan.has(word) ? "never-ran" : "unknown";
}

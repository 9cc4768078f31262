import type { Intent, Ledger } from "../../ledger/ledger.ts";
import type { StressBefore } from "./result.ts";

/** What the release before has last shown under load in this environment; null where there is none, or nothing is on record. */
export async function shownBefore(
  environment: string,
  previous: Intent | undefined,
  ledger: Pick<Ledger, "revisionRecords">,
): Promise<StressBefore | null> {
  if (previous === undefined) return null;
  const { looks } = await ledger.revisionRecords(environment, previous.revision);
  const newest = looks(previous.bundle.digest).find((one) => one.kind === "stress" && one.environment === environment);
  if (newest?.load === undefined) return null;
  const { requests, errors, p50Ms, p90Ms, p99Ms, maxMs, rate, durationMs } = newest.load;
  const measured = { requests, errors, p50Ms, p90Ms, p99Ms, maxMs };
  return { revision: previous.revision, rate, durationMs, at: newest.at, ...measured };
}

import type { Next } from "../../errors/next.ts";
import type { VerifiedHost, VerifyResult } from "./result.ts";

/** What to do about hosts that are not well: a release that answers wrongly is taken back, another one is looked at first. */
export function hostsSay(hosts: readonly VerifiedHost[], { environment }: Pick<VerifyResult, "environment">): Next {
  const runsAnother = hosts.some(({ says, verdict }) => verdict === "failed" && says !== "");
  const answersWrongly = hosts.some(({ checks }) => checks.some(({ ok }) => !ok));
  const look = `threads status -e ${environment}`;
  const back = answersWrongly && !runsAnother ? [`threads rollback -e ${environment}`] : [];
  const logs = answersWrongly ? [`threads logs -e ${environment} --since 10m`] : [];
  return { next: runsAnother ? [look, ...logs] : [...logs, look, ...back], advice: [] };
}

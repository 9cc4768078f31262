import type { Next } from "../../errors/next.ts";
import type { HostCheck, VerifiedHost, VerifyResult } from "./result.ts";

/**
 * What to do about hosts that are not well: a release that answers wrongly is taken back, another one is looked at first. A
 * certificate is no release's.
 */
export function hostsSay(
  hosts: readonly VerifiedHost[],
  { environment, certificates }: Pick<VerifyResult, "environment"> & { readonly certificates: readonly HostCheck[] },
): Next {
  const runsAnother = hosts.some(({ says, verdict }) => verdict === "failed" && says !== "");
  const answersWrongly = hosts.some(({ checks }) => checks.some(({ ok }) => !ok));
  const look = `threads status -e ${environment}`;
  const back = answersWrongly && !runsAnother ? [`threads rollback -e ${environment}`] : [];
  const logs = answersWrongly ? [`threads logs -e ${environment} --since 10m`] : [];
  const wrong = certificates.filter(({ ok }) => !ok).map(({ path }) => path.replace(/^tls \([^)]*\) /, ""));
  return {
    next: runsAnother ? [look, ...logs] : [...logs, look, ...back],
    advice: wrong.map(
      (whose) => `have whatever ends TLS at ${whose} show a certificate that is good, and verify again`,
    ),
  };
}

import { ThreadsError } from "../../errors/threads-error.ts";
import { shellOn } from "../../fleet/hosts.ts";
import type { MemberLogs } from "../../fleet/member-logs.ts";
import type { Member } from "../../fleet/target.ts";
import type { DeploymentLogReport, LogsReport } from "../../script/log-report.ts";

export interface AskPorts {
  readonly memberLogs: Pick<MemberLogs, "read" | "readDeployment">;
  /** Ends the waiting: of Ctrl-C, or of a reader that went away. */
  readonly stop: AbortSignal;
}

/** Why a host that has answered shows nothing; undefined where it does. @throws ThreadsError USAGE for a pattern that is none */
export function refusalOf({ end, message }: LogsReport | DeploymentLogReport): string | undefined {
  if (end === "bad-pattern")
    throw new ThreadsError("USAGE", {
      message: "--grep is no extended regular expression: grep -E does not take it",
      next: ["threads logs --help"],
    });
  return end === "read" || end === "none" ? undefined : (refusals[end] ?? message);
}

const refusals: Readonly<Record<string, string>> = {
  "no-docker": "Docker does not answer",
  hidden: "nothing is shown, since the values that would have to be hidden cannot be read, or are gone",
};

/** Nobody could be read. @param silences by host, in the words of a sentence about it */
export function nothingHeard(
  environment: string,
  silences: readonly { readonly host: Member; readonly says: string; readonly isSilent: boolean }[],
): ThreadsError {
  const [first] = silences;
  const name = first === undefined ? environment : first.host.name;
  return new ThreadsError(first?.isSilent === false ? "HOST_NOT_READY" : "HOST_SILENT", {
    message: `${name}: ${first?.says ?? "no answer"}`,
    details: silences.slice(1).map(({ host, says }) => `${host.name}: ${says}`),
    next: [`threads status -e ${environment}`, ...(first === undefined ? [] : [shellOn(first.host)])],
  });
}

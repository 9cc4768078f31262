import { environmentChange } from "../../ledger/environment-change.ts";
import type { Intent } from "../../ledger/ledger.ts";
import type { HostSummary, MadeEnvironment } from "../../script/summary.ts";
import { are, list } from "../../text/words.ts";

/**
 * What differs beside the containers from what the last deployment put on a host: a sentence without its name, empty where
 * nothing does. @param recorded from what the ledger says that its environment was made
 */
export function driftOf(
  { changedFiles = [], environmentChanged = false, environment }: HostSummary,
  current: Intent | undefined,
  recorded: MadeEnvironment | undefined,
): string {
  const change = environmentChange(recorded, environment);
  const names = change === undefined ? [] : [...change.changed, ...change.added, ...change.removed];
  return [
    ...(changedFiles.length === 0
      ? []
      : [`${list(changedFiles)} ${are(changedFiles.length)} not as the release was published: changed on the host`]),
    ...(environmentChanged
      ? ["its environment file was changed since its containers were made: they have other values"]
      : []),
    ...(names.length === 0
      ? []
      : [`has another environment than deployment ${current?.number ?? ""} has recorded: ${list(names)}`]),
  ].join("; ");
}

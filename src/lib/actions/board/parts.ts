import type { ReleaseStatus } from "../../fleet/status-result.ts";
import { shownAuthor } from "../../ledger/author.ts";
import type { DeploymentLog } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import { environmentBefore } from "./environments.ts";
import type { BoardPorts } from "./ports.ts";
import { readPart } from "./read-part.ts";
import type { BoardCandidate, BoardHosts, BoardLedger, CandidateView, LedgerView } from "./result.ts";

/** What the hosts of an environment say, beside its ledger. @param before of which stays what cannot be read now */
export function readHosts(name: string, before: BoardHosts | undefined, ports: BoardPorts): Promise<BoardHosts> {
  return readPart(before, () => ports.status(name), ports);
}

/** What is on record of it. @param before of which stays what cannot be read now */
export function readLedger(name: string, before: BoardLedger | undefined, ports: BoardPorts): Promise<BoardLedger> {
  const read = async (): Promise<LedgerView> => {
    const [log, told] = await Promise.all([ports.ledger.deploymentLog(name), ports.past(name)]);
    return { release: currentIn(log), events: told.events };
  };
  return readPart(before, read, ports);
}

interface Known {
  /** Of which stays what cannot be read now. */
  readonly before: BoardCandidate | null;
  /** Ledgers that were read, by environment. */
  readonly ledgers: ReadonlyMap<string, BoardLedger>;
}

/** What comes to it next. @returns null where no environment comes before it */
export async function readCandidate(
  name: string,
  { before, ledgers }: Known,
  ports: BoardPorts,
): Promise<BoardCandidate | null> {
  const from = environmentBefore(name, ports.config);
  if (from === undefined) return null;
  const own = ledgers.get(name);
  // Of what is not known to run here nobody can say that it waits.
  if (own === undefined || own.value === null)
    return { from, value: before?.value ?? null, readAt: before?.readAt ?? null, unread: own?.unread ?? null };
  const { release } = own.value;
  const read = async (): Promise<CandidateView> => {
    const known = ledgers.get(from);
    const seen = known?.unread === null ? known.value : null;
    const theirs = seen === null ? currentIn(await ports.ledger.deploymentLog(from)) : seen.release;
    if (theirs === null) return { state: "nothing", revision: null, gates: null };
    const { revision, bundle } = theirs;
    if (release?.bundle === bundle) return { state: "same", revision, gates: null };
    return { state: "waits", revision, gates: await ports.gates(revision, name) };
  };
  return { from, ...(await readPart(before ?? undefined, read, ports)) };
}

/** The release that every host should run; null where nothing was ever deployed. */
function currentIn({ deployments, serverTime }: DeploymentLog): ReleaseStatus | null {
  const { current } = standing(deployments, serverTime);
  if (current === undefined) return null;
  const { number, kind, revision, bundle, by, startedAt } = current;
  return { number, kind, revision, bundle: bundle.digest, by: shownAuthor(by), startedAt };
}

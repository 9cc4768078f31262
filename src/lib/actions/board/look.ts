import { boardOf, shownEnvironments } from "./environments.ts";
import { readCandidate, readHosts, readLedger } from "./parts.ts";
import type { BoardPorts } from "./ports.ts";
import type { BoardResult } from "./result.ts";

/**
 * Looks at every environment, or at one: at its hosts, its ledger, and what comes to it next, each by itself. Reads only.
 * @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS (refused)
 */
export async function lookAtBoard(wanted: string | undefined, ports: BoardPorts): Promise<BoardResult> {
  const seen = await Promise.all(
    shownEnvironments(wanted, ports.config).map(async (name) => {
      const [hosts, ledger] = await Promise.all([
        readHosts(name, undefined, ports),
        readLedger(name, undefined, ports),
      ]);
      return { environment: name, url: ports.urls[name] ?? null, hosts, ledger };
    }),
  );
  const ledgers = new Map(seen.map(({ environment, ledger }) => [environment, ledger]));
  const environments = await Promise.all(
    seen.map(async (one) => ({
      ...one,
      candidate: await readCandidate(one.environment, { before: null, ledgers }, ports),
    })),
  );
  return boardOf(environments, ports);
}

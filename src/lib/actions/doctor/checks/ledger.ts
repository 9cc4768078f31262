import type { Chronicle } from "../../../ledger/ledger.ts";
import { resultOf, standing } from "../../../ledger/standing.ts";
import { hasHosts } from "../../../fleet/hosts.ts";
import { count } from "../../../text/words.ts";
import { type Check, type Finding, ok } from "../check.ts";

export const ledgerCheck: Check = {
  id: "ledger",
  title: "ledger",
  look: async (ports) => {
    const environments = (await ports.environments()).filter(hasHosts);
    return Promise.all(environments.map(async ({ name }) => judgeLedger(name, await ports.chronicle(name))));
  },
};

/** That Parameter Store can be read, and whether the last deployment was left in the middle. */
export function judgeLedger(environment: string, { deployments, serverTime }: Chronicle): Finding {
  const { latest, underWay, unsettled } = standing(deployments, serverTime);
  if (latest === undefined) return { ...ok("readable; nothing was ever deployed"), of: environment };
  const says = `${count(deployments.length, "deployment")}, the last (#${latest.intent.number}) ${resultOf(latest, serverTime)}`;
  if (unsettled === undefined || underWay !== undefined) return { ...ok(says), of: environment };
  return {
    state: "warn",
    of: environment,
    says: `${says}: its hosts may differ`,
    next: [`threads status -e ${environment}`],
  };
}

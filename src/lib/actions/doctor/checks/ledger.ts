import type { DeploymentLog } from "../../../ledger/ledger.ts";
import { resultOf, standing } from "../../../ledger/standing.ts";
import { isDeployable } from "../../../fleet/hosts.ts";
import { are, count } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";

export const ledgerCheck: Check = {
  id: "ledger",
  title: "ledger",
  look: async (ports) => {
    const environments = (await ports.environments()).filter(isDeployable);
    const looks = environments.map(async ({ name }): Promise<DoctorFinding[]> => {
      const deploymentLog = await ports.deploymentLog(name);
      return [judgeLedger(name, deploymentLog), ...judgeUnreadable(name, deploymentLog)];
    });
    return (await Promise.all(looks)).flat();
  },
};

/** That Parameter Store can be read, and whether the last deployment was left in the middle. */
export function judgeLedger(
  environment: string,
  { deployments, serverTime }: Pick<DeploymentLog, "deployments" | "serverTime">,
): DoctorFinding {
  const { latest, underWay, unsettled, hold } = standing(deployments, serverTime);
  if (latest === undefined) return { ...ok("readable; nothing was ever deployed"), of: environment };
  const held = hold === undefined ? "" : `; rollback ${hold.rollback.number} holds it`;
  const says = `readable; the newest deployment (#${latest.intent.number}) ${resultOf(latest, serverTime)}${held}`;
  if (unsettled === undefined || underWay !== undefined) return { ...ok(says), of: environment };
  return {
    state: "warn",
    of: environment,
    says: `${says}; deployment ${unsettled.intent.number} may have left hosts that differ`,
    next: [`threads status -e ${environment}`],
  };
}

/** What every reader passes over: as long as it is not the newest, it is only lost. */
function judgeUnreadable(environment: string, { unreadable }: Pick<DeploymentLog, "unreadable">): DoctorFinding[] {
  if (unreadable.length === 0) return [];
  const says = `${count(unreadable.length, "parameter")} ${are(unreadable.length)} not a record, and passed over`;
  const next = unreadable.map((name) => `aws ssm get-parameter --name ${name}`);
  return [{ state: "warn", of: environment, says, details: unreadable, next }];
}

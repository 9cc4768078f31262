import type { EnvironmentConfig } from "../../../config/config.ts";
import { isDeployable } from "../../../fleet/hosts.ts";
import { compared } from "../../../gates/compared.ts";
import { type Policy, policyText } from "../../../ledger/policy.ts";
import { count } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";

export const policyCheck: Check = {
  id: "policy",
  title: "policy",
  look: async (ports) => {
    const environments = (await ports.environments()).filter((one) => one.requiresPromotion || isDeployable(one));
    const looks = environments.map(async (one) => judgePolicy(one, await ports.policy(one.name)));
    return (await Promise.all(looks)).flat();
  },
};

/** Whether the gates lie where no branch can change them, and this threads.yml asks for the same. */
export function judgePolicy(environment: EnvironmentConfig, policy: Policy | undefined): DoctorFinding[] {
  const { name: of, requiresPromotion } = environment;
  const push = `threads policy push -e ${of}`;
  if (policy === undefined) {
    if (!requiresPromotion) return [];
    return [
      {
        state: "warn",
        of,
        says: "none is pushed: whoever may start a workflow on a branch decides its gates",
        next: [push],
      },
    ];
  }
  const differ = compared(environment, policy).filter(({ stricter }) => stricter !== "neither");
  const asksNothing = policy.gates === null;
  if (differ.length === 0 && asksNothing !== requiresPromotion)
    return [{ ...ok(`threads.yml asks for the same as ${policyText(policy)}`), of }];
  const says =
    differ.length === 0
      ? `threads.yml and ${policyText(policy)} do not agree on whether ${of} has gates`
      : `${count(differ.length, "gate")} of threads.yml and of ${policyText(policy)} differ: the stricter counts`;
  const details = differ.map(
    ({ gate, policy: pushed, file }) =>
      `${gate}: ${pushed ?? "not asked for"} by policy, ${file ?? "not asked for"} by threads.yml`,
  );
  return [{ state: "warn", of, says, details, next: [`threads policy show -e ${of}`, `${push} --dry-run`] }];
}

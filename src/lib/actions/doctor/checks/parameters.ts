import { isDeployable } from "../../../fleet/hosts.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";

/** An account has room for so many standard parameters in a region (service quotas). */
const room = 10_000;

/** From here on somebody should make room. */
const fewLeft = 8_000;

export const parametersCheck: Check = {
  id: "parameters",
  title: "Parameter Store",
  look: async (ports) => {
    const names = (await ports.environments()).filter(isDeployable).map(({ name }) => name);
    return [judgeParameters(await ports.parameters(fewLeft), names)];
  },
};

/** Without room nothing can be written down, and so nothing be deployed or rolled back. @param count no more than `fewLeft` are counted */
export function judgeParameters(count: number, environments: readonly string[]): DoctorFinding {
  if (count < fewLeft) return ok(`${count} of ${room} parameters of the account are taken`);
  return {
    state: "warn",
    says: `${fewLeft} or more of ${room} parameters of the account are taken; when all are, nothing can be deployed or rolled back`,
    next: environments.map((name) => `threads history -e ${name} --compact`),
  };
}

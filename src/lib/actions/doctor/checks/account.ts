import type { Identity } from "../../../aws/identity.ts";
import type { EcrRepo } from "../../../image/ecr-repo.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";

export const accountCheck: Check = {
  id: "account",
  title: "AWS account",
  look: async (ports) => [judgeAccount(await ports.repo(), await ports.identity())],
};

/** Account and region were compared before: this tells what they are. */
function judgeAccount(repo: EcrRepo, identity: Identity): DoctorFinding {
  const where = repo.region === undefined ? "the sandbox" : repo.region;
  return ok(`${identity.arn || identity.account} in account ${identity.account}, ${where}`, [repo.explanation]);
}

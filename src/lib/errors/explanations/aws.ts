import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** AWS as a whole, and the credentials for it. */
export const aws = {
  ACCESS_DENIED: {
    meaning: "The role of these credentials lacks a permission: AWS's own words, which the message has, name it.",
    advice: [
      "`aws sts get-caller-identity` shows whose credentials they are.",
      "Give the role that permission; `threads policy iam` prints what each job needs and why, and who may take the role.",
      "A command needs the role of its own job: a publisher cannot deploy, and must not be able to.",
    ],
  },
  AWS_FAILURE: {
    meaning: "AWS answered with a failure that threads has no better words for.",
    advice: ["Run the same again in a minute.", "Read AWS's own words: a failure that stays is mostly a setting."],
  },
  AWS_UNREACHABLE: {
    meaning: "AWS, or the sandbox in its place, did not answer: no connection, or no reply in time.",
    advice: [
      "`echo $AWS_ENDPOINT_URL`: if a sandbox is meant, `threads sandbox up` starts it.",
      "Otherwise check network, proxy and name service, then run the same again.",
    ],
  },
  CREDENTIALS_EXPIRED: {
    meaning: "The AWS credentials were valid and are no longer.",
    advice: ["`aws sso login`, then run the same again: it goes on where this one stopped."],
  },
  CREDENTIALS_INVALID: {
    meaning: "AWS does not accept the credentials: it does not know them, or the signature made with them is wrong.",
    advice: [
      "`aws sts get-caller-identity` shows whether they work at all.",
      "A sandbox's credentials work with the sandbox only, and real ones with AWS only: look at AWS_ENDPOINT_URL.",
      'A sandbox that was purged has new ones when it is up again: `eval "$(threads sandbox env)"`.',
      "A clock that is minutes wrong makes every signature wrong.",
    ],
  },
  NO_CREDENTIALS: {
    meaning: "The AWS SDK found no credentials anywhere: no variables, no profile, no role.",
    advice: [
      "`aws sso login`, or set AWS_PROFILE.",
      'In a sandbox: `eval "$(threads sandbox env)"`.',
      "In GitHub Actions: let the job take a role, with `permissions: id-token: write`.",
    ],
  },
  THROTTLED: {
    meaning: "AWS kept saying that requests come too fast, longer than threads waits for it.",
    advice: ["Run the same again in a minute.", "Look for whoever else asks so much of this account."],
  },
  WRONG_ACCOUNT: {
    meaning: "ECR_REPO, threads.yml and the credentials do not mean the same AWS account.",
    advice: [
      "`aws sts get-caller-identity` shows the account of the credentials; set AWS_PROFILE to the right one.",
      "Or correct ECR_REPO, or `account` in threads.yml.",
    ],
  },
  WRONG_REGION: {
    meaning: "The registry of ECR_REPO is in another region than the one that is set.",
    advice: ["Set AWS_REGION to the region that the message names, or correct ECR_REPO."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

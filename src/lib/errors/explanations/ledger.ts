import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** The ledger: the records in Parameter Store. */
export const ledger = {
  FOLD_DIFFERS: {
    meaning: "The record that is to hold ten folded deployments or commands holds something else.",
    changed: "Those ten stay as they are; what was folded before them is folded.",
    advice: ["`aws ssm get-parameter-history --name NAME` shows who wrote it. Without it, the same again folds them."],
  },
  LEDGER_BUSY: {
    meaning: "Parameter Store kept refusing a record because of other updates of it.",
    changed: "The record was not written.",
    advice: ["Run the same again in a minute."],
  },
  LEDGER_UNREADABLE: {
    meaning: "A parameter of the ledger is not what threads wrote there, or a newer threads wrote it.",
    advice: [
      "Where it says so, install the threads that wrote it.",
      "Otherwise `aws ssm get-parameter-history --name NAME` shows who changed it, and what it was before.",
    ],
  },
  NO_SUCH_DEPLOYMENT: {
    meaning: "The ledger of the environment has no deployment of that number.",
    advice: ["`threads history -e ENV` lists the newest, and says how to see older ones."],
  },
  OUTCOME_NOT_WRITTEN: {
    meaning: "A deployment ended, and the ledger did not take how.",
    changed: "The hosts are as the message lists them. In the ledger the deployment is still under way.",
    advice: [
      "`threads status -e ENV`, then the same deployment with `--supersede NUMBER`: hosts that run it are left alone.",
    ],
  },
  OUTCOME_TAKEN: {
    meaning: "The ledger has an outcome of this deployment already, written by somebody who took it over.",
    changed: "The outcome that is there stays.",
    advice: ["`threads status -e ENV` asks the hosts what they run."],
  },
  RECORD_TOO_LARGE: {
    meaning: "A record would be larger than Parameter Store has room for, in parts where it may have some.",
    advice: ["The message says what makes it smaller: fewer hosts in one environment, or a shorter reason."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

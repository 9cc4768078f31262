import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** Environments that run on ECS. */
export const ecs = {
  CLUSTER_NOT_FOUND: {
    meaning: "The account has no cluster of the name, or ARN, that threads.yml gives the environment, in this region.",
    advice: [
      "`aws ecs list-clusters` prints those that there are; `ecs.cluster` in threads.yml names one of them.",
      "`aws sts get-caller-identity` and AWS_REGION say which account and region are asked.",
    ],
  },
  ECS_INCOMPLETE: {
    meaning:
      "ECS answered, but not for all that it was asked for, and did not say why: nothing is concluded from that.",
    advice: ["Try again in a minute: what was begun a moment ago, ECS does not show everywhere at once."],
  },
  NO_LOG_GROUP: {
    meaning:
      "The log group of an environment on ECS is not there, in this account and region: without it no task starts.",
    advice: [
      "`aws logs describe-log-groups` prints those that there are; `ecs.log_group` in threads.yml names another one.",
      "`aws sts get-caller-identity` and AWS_REGION say which account and region are asked.",
    ],
  },
  NOT_FOR_ECS: {
    meaning:
      "The release, or threads.yml, asks for something that ECS does not have: all of it is named, with what to do.",
    advice: [
      "Correct the lines that are named, in the compose file or below `ecs` in threads.yml, and commit them.",
      "`threads doctor -e ENV` finds most of it before anything is published.",
      "`threads help ecs` says what becomes of each key.",
    ],
  },
  NOT_ON_ECS: {
    meaning:
      "The environment runs on ECS, and the command can do its work on hosts only: the message says why, and `next` what does it there.",
    advice: [
      "`threads status -e ENV` shows what runs there, and `threads logs -e ENV` what it says.",
      "Publishing, promoting, deploying, rolling back and the history are the same for it as for any other.",
    ],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** Environments that run on ECS. */
export const ecs = {
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
    meaning: "The environment runs on ECS, and the command can do its work on hosts only, so far.",
    advice: [
      "`threads ecs render -e ENV` prints what ECS is to run: hand that to what deploys there.",
      "Publishing, promoting, gates, approvals and freezes are the same for it as for any other.",
    ],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

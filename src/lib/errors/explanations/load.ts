import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** What keeps an environment from being put under load, or a deployment from being rehearsed. */
export const load = {
  NOT_CONFIRMED: {
    meaning: "The environment has gates, so people use it: it is put under load only where it is named twice.",
    changed: "Nothing was asked, and nothing was written.",
    advice: [
      "The message says how much would be asked of whom; with `--sure ENV` it is.",
      "`threads stress -e ENV --dry-run` shows what is asked.",
    ],
  },
  NOTHING_TO_ASK: {
    meaning:
      "threads.yml names nothing that can be asked under load: no check that only looks, and no `stress.requests`.",
    changed: "Nothing was asked, and nothing was written.",
    advice: ["Name what people ask for: `stress: { requests: [{ path: / }] }`; `threads help stress` tells the rest."],
  },
  NOTHING_TO_REHEARSE: {
    meaning: "The release that was named is what the environment runs: there is no deployment to rehearse.",
    changed: "Nothing was started, and nothing was written.",
    advice: ["Name the release that is to come: `threads rehearse SHA -e ENV`."],
  },
  STAGE_NOT_SET: {
    meaning: "What the environment runs does not come up in a sandbox, so that nothing can be deployed over it there.",
    changed: "The sandbox of the rehearsal is gone again, and nothing was written.",
    advice: [
      "The message says what was wrong; `sandbox.env` and `sandbox.services` of threads.yml say what an application gets there.",
      "`threads sandbox up`, and a deployment in it, show more.",
    ],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

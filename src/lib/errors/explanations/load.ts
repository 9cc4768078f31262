import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** What keeps an environment from being put under load. */
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
} as const satisfies Partial<Record<Code, Explanation>>;

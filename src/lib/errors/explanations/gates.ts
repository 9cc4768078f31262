import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** What stands between a release and an environment, and what people say to it. */
export const gates = {
  ALREADY_FROZEN: {
    meaning: "Somebody else has frozen the environment, with a reason of their own.",
    changed: "The freeze that is there stays, with its reason.",
    advice: ["Talk to whom the message names.", "`threads freeze -e ENV --lift` ends it, and keeps who did."],
  },
  APPROVAL_TAKEN: {
    meaning: "Another session of the same principal has written what it says of the release in the same moment.",
    changed: "What that one said stands; nothing was written by this one.",
    advice: ["`threads gates RELEASE -e ENV` shows what counts now; then say it again."],
  },
  FROZEN: {
    meaning: "The environment is frozen: the message says who did it, when and why.",
    changed:
      "Exit code 3: nothing. Exit code 130: the freeze came while hosts were being switched; the message lists which of them run the new release.",
    advice: [
      "Talk to whom the message names; `threads freeze -e ENV --lift` ends the freeze.",
      "A rollback is always allowed: `threads rollback -e ENV`.",
    ],
  },
  GATES_SHUT: {
    meaning: "The release may not go to the environment yet: the message lists each gate that is shut, and why.",
    advice: [
      "`threads gates RELEASE -e ENV` shows what each gate wants, and what opens it.",
      "`threads promote RELEASE -e ENV --override GATE --reason TEXT` opens one; it is kept on record.",
    ],
  },
  NOT_AN_APPROVER: {
    meaning:
      "What these credentials say of the release would not count: AWS gives them no name, `approvals.by` does not list that, or the commit is theirs.",
    advice: [
      "`aws sts get-caller-identity` tells whom AWS takes you for; a session of a role counts as the role.",
      "Ask whom the message names; `threads help gates` tells who counts.",
    ],
  },
  NO_APPROVALS: {
    meaning: "The environment asks for no approvals: it has no `approvals` among its gates.",
    advice: ["Give it `gates.approvals` in threads.yml.", "`threads gates RELEASE -e ENV` shows what it asks for."],
  },
  NO_GATES: {
    meaning:
      "The environment has no gates in threads.yml, so it takes whatever is published: nothing is promoted to it.",
    advice: [
      "`threads deploy -e ENV RELEASE`.",
      "Or give it gates in threads.yml, even `gates: {}`: then it takes promoted releases only.",
    ],
  },
  NO_REASON: {
    meaning:
      "A freeze, an override, a rejection and a policy that asks for less need a reason: whoever is stopped by it, or looks at it later, reads it.",
    advice: ["Run the same again with `--reason TEXT`, or for a rejection `--comment TEXT`."],
  },
  OVERRIDE_IMPOSSIBLE: {
    meaning: "The gate `published` cannot be opened: without a published release there is nothing to promote.",
    advice: ["`threads publish`."],
  },
  POLICY_UNREADABLE: {
    meaning:
      "What lies where the environment's policy is pushed is no policy that this threads understands; a newer threads may have written it, or somebody by hand. Nothing is promoted or deployed past it, since it might have asked for anything.",
    advice: [
      "Where it names a version of threads, install that.",
      "`aws ssm get-parameter-history --name /APP/ENV/policy` shows who wrote it, and what stood there before.",
      "`threads policy push -e ENV --reason TEXT` puts what threads.yml asks for in its place.",
      "A rollback goes on: to what the ledger says was promoted.",
    ],
  },
  REASON_TOO_LONG: {
    meaning: "The reason is longer than a record has room for.",
    advice: ["Say it shorter, or give the address of a page that says it."],
  },
  UNKNOWN_GATE: {
    meaning: "There is no gate of that name.",
    advice: ["`threads promote --help` lists them."],
  },
  WORLD_CHANGED: {
    meaning: "While the images were tested, something changed that the plan was made from: a gate shut, a record came.",
    changed: "Nothing was promoted. The evidence of the smoke test stays, so that the next run need not repeat it.",
    advice: ["`threads gates RELEASE -e ENV` shows how it is now; then promote again."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

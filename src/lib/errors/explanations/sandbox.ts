import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** The sandbox on this machine. */
export const sandbox = {
  IMAGE_BUILD: {
    meaning: "An image that the sandbox itself is made of could not be built.",
    advice: ["The message shows the failed step and names the command that repeats it."],
  },
  SANDBOX_BUSY: {
    meaning: "Another `threads sandbox` command is at work in this checkout.",
    changed: "Nothing was changed.",
    advice: [
      "Wait for it, then `threads sandbox status`.",
      "Where the process that the message names is something else, remove the lock file.",
    ],
  },
  SANDBOX_ENV: {
    meaning:
      "What threads.yml says under sandbox.env cannot be given to the hosts: the file is missing, or a ${NAME} in it means nothing.",
    advice: ["Correct the file or the key that the message names; the message lists what the sandbox knows."],
  },
  SANDBOX_HOSTS: {
    meaning: "What was given with --hosts cannot be read, or asks for more than there can be.",
    advice: ["Write it like `threads sandbox up --hosts staging=1,prod=2`."],
  },
  SANDBOX_NOT_BUILT: {
    meaning: "The sandbox's server is not compiled.",
    advice: ["In a checkout of threads: `npm run build`. In a package that was installed: install it again."],
  },
  SANDBOX_NOT_READY: {
    meaning: "A container of the sandbox did not become ready in time.",
    changed: "What was started is left, so that it can be looked at.",
    advice: [
      "`threads sandbox status`, and `docker logs NAME` of the container that the message names.",
      "`threads sandbox down`, then `threads sandbox up`.",
    ],
  },
  SANDBOX_NOT_UP: {
    meaning: "This checkout has no sandbox, or not all of it runs.",
    advice: ["`threads sandbox up`."],
  },
  SANDBOX_ORPHANS: {
    meaning: "Volumes of an earlier sandbox are left, but the passwords for them are gone with .threads/sandbox.",
    advice: [
      "`threads sandbox down --purge`, then `threads sandbox up`: images and parameters of the earlier one are lost.",
    ],
  },
  SANDBOX_PORT_TAKEN: {
    meaning: "Another program listens on the sandbox's port, which is part of every image reference in it.",
    advice: [
      "End that program: `ss -ltnp` shows it. Then `threads sandbox up`.",
      "Or `threads sandbox down --purge`, then `threads sandbox up`: a new sandbox on another port; the old one's images are lost.",
    ],
  },
  SANDBOX_STATE: {
    meaning: "The sandbox's state file cannot be read by this version of threads.",
    advice: ["`threads sandbox down --purge`, then `threads sandbox up`."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

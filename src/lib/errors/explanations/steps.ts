import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** How fast a release comes, and who lets it go on. */
export const steps = {
  PACE_UNFIT: {
    meaning:
      "What was typed (--batch, --max-unavailable, --observe) asks for more than the environment has: hosts, or time; or --weights, for hosts, of an environment on ECS.",
    changed: "No host was touched, and nothing was written.",
    advice: [
      "Name fewer hosts, or a part of them (`--batch 25%`); watch the first one for less than `timeout` in threads.yml.",
      "On ECS a service shifts requests itself: `shift` below `environments.NAME.ecs.services` in threads.yml.",
    ],
  },
  STEP_PAUSED: {
    meaning:
      "A step of the weights cannot be judged: too few people have asked, a host's edge was started anew, or what was counted may be chance. On ECS: a service has come to a pause (a PAUSE lifecycle hook), at which it waits for a person.",
    changed:
      "Both releases answer, each with its part of the requests; the old one is on record, so that a host that is started anew serves that alone. On ECS the tasks of both are there, and what comes behind the pause was told nothing.",
    advice: [
      "`threads deploy -e ENV --continue 2` goes on, and approves step 2; `--resume` watches the same one on; `threads rollback -e ENV` sends every request back. On ECS this is answered for as long as the pause says, from any machine.",
      "`threads status -e ENV` shows what both have answered meanwhile.",
    ],
  },
  WEIGHTS_STEP: {
    meaning: "The step that was approved is not the one that a deployment waits for, or none waits.",
    changed: "Nothing: both releases have the part of the requests that they had before.",
    advice: [
      "On ECS a pause whose time is up takes its service back by itself: the release is deployed again, or rolled back for good.",
      "The message names the step that is next: look at what both have answered before you approve it.",
    ],
  },
  WEIGHTS_UNFIT: {
    meaning:
      "Two releases cannot answer beside each other: the new one has no slots (strategy recreate), a host runs nothing in a slot yet, a migration contracts, or it is not said which services take work from a queue.",
    changed: "No host was touched, and nothing was written.",
    advice: [
      "`--weights 100` gives the release all requests at once, whatever threads.yml says.",
      "`runtime.workers` names the services that take work from a queue, `[]` where none does.",
    ],
  },
  SEND_UNKNOWN: {
    meaning: "AWS did not answer when a script was sent, and does not list it: it may or may not run.",
    changed: "The hosts that the message names may be at work; each of them takes one script at a time.",
    advice: [
      "`threads status -e ENV` asks them. Then run the same again: a host at work refuses it until it has ended.",
    ],
  },
  SUPERSEDED: {
    meaning: "A newer deployment took this one over, and the hosts refuse the older one.",
    changed: "Hosts that this one had switched are the newer one's to switch.",
    advice: ["`threads status -e ENV`, and `threads history -e ENV` for who took over."],
  },
  TOO_FEW_HOSTS: {
    meaning: "SSM knows fewer hosts of the environment than threads.yml wants at least.",
    advice: ["Start the missing ones, put the tag on them, or lower `hosts.minimum` in threads.yml."],
  },
  UNKNOWN_HOST: {
    meaning: "The environment has no host of that id or name, or has several of that name.",
    advice: ["`threads status -e ENV` lists its hosts; name one by its id or its name."],
  },
  UNKNOWN_SERVICE: {
    meaning: "The release that runs on the host has no service of that name.",
    advice: ["`threads status -e ENV` lists the services."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

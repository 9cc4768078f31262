import type { Explanation } from "../errors/explanations/explanation.ts";
import type { HostCodeName } from "./host-codes.ts";

const log = "The whole log is on the host, in /var/lib/threads/log.";

/** What `threads explain` tells of deploy.sh's exit codes, of which SSM's console shows the number only. */
export const hostExplanations: Readonly<Record<HostCodeName, Required<Explanation>>> = {
  notReady: {
    meaning:
      "The host cannot take the release: a tool, room, a login or the right time is missing, its environment file or compose file does not fit, somebody else has a port or the host, or a record is torn.",
    changed: "Nothing of the application was touched.",
    advice: ["The script's message names it, and what to do. `threads help aws` lists what a host needs.", log],
  },
  superseded: {
    meaning: "The host has seen a deployment with a higher number, and refuses an older one.",
    changed: "Nothing was touched.",
    advice: ["`threads history -e ENV` shows the newer one."],
  },
  busy: {
    meaning: "Another script of threads is at work on the host, which takes one at a time.",
    changed: "Nothing was touched.",
    advice: ["Wait: it ends by itself within its time limit. Then run the same again."],
  },
  notFetched: {
    meaning:
      "The host could not pull the bundle or an image, or the bundle does not pin the images that the order names.",
    changed: "Nothing of the application was touched. Images that were pulled stay.",
    advice: ["Check the host's role (ECR pull), its credential helper and its way to the registry.", log],
  },
  notMigrated: {
    meaning: "The migration failed.",
    changed: "No container was switched. The database is where the migration left it.",
    advice: [
      "Correct the migration and publish a new commit; put the database in order first where it was left halfway.",
      log,
    ],
  },
  broughtBack: {
    meaning: "The new release did not come up or did not become healthy, and the one before it serves again.",
    changed: "The host runs what it ran before. A migration that ran stays in the database.",
    advice: ["The message names the container to blame and shows the end of its log.", log],
  },
  stuck: {
    meaning: "The new release failed, and the one before it did not come back either.",
    changed: "The host serves something else, or nothing: it needs a person.",
    advice: ["`threads status -e ENV` asks the host what it runs; `threads rollback -e ENV` tries once more.", log],
  },
  stopped: {
    meaning: "The script was told to stop: somebody cancelled the command, or the host was going down.",
    changed:
      "Nothing was switched, or it was going back and did not finish: once a switch has begun, 15 or 16 tell how it ended.",
    advice: ["`threads status -e ENV` asks the host what it runs."],
  },
  bug: {
    meaning: "A step of the script failed in a way that it has no words for.",
    changed:
      "Nothing was switched, or it was going back and did not finish: once a switch has begun, 15 or 16 tell how it ended.",
    advice: ["`threads status -e ENV` asks the host what it runs.", log],
  },
};

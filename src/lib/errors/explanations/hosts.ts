import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** Hosts, and the deployments that bring releases to them. */
export const hosts = {
  ACROSS_CONTRACT: {
    meaning:
      "A migration that contracts (it removes or changes what older releases need) came after the release that a rollback would go to.",
    advice: [
      "The way forward: `threads deploy -e ENV RELEASE` with one that corrects what is wrong.",
      "The way back: take the migrations back first, newest first; `runtime.migrations.undo` in threads.yml makes the message name the command.",
      "`threads rollback -e ENV --across-contract` goes back and leaves the database as it is.",
    ],
  },
  DEPLOYMENT_TAKEN: {
    meaning: "Somebody began a deployment of the same number at the same moment, and was first.",
    changed: "No host was touched by this one, and it is not in the ledger.",
    advice: ["`threads status -e ENV`, and wait for the other."],
  },
  DEPLOYMENT_UNDER_WAY: {
    meaning:
      "Somebody is deploying to this environment: they have its lease, or their deployment has begun and not ended, and its time is not over.",
    changed: "No host was touched, and nothing was written.",
    advice: [
      "The same again with `--wait` goes on as soon as they have ended; `threads lock -e ENV` shows who it is and what they are at.",
      "One whose deployer has given no sign of life for 11 seconds is taken over without a word, once no host is at work on it.",
      "Where that cannot be told, or nobody can wait, the same again with `--supersede NUMBER`: hosts then refuse the older one.",
    ],
  },
  HELD: {
    meaning:
      "The environment was rolled back, and is held on what that brought: the message says who did it, when, from which release and why.",
    changed: "No host was touched, and nothing was written.",
    advice: [
      "A release that is known to be well: run the same again with `--lift-hold NUMBER`, of the rollback that the message names. The hold is lifted once it runs on every host.",
      "`threads status -e ENV` shows the hold. A rollback is always allowed, and finishes one that ended half-way, which holds as well.",
    ],
  },
  HOST_BUSY: {
    meaning: "A host is at work for an earlier deployment, and takes one at a time.",
    changed: "No host was touched.",
    advice: [
      "`threads status -e ENV`; the earlier script ends by itself within its time limit. Then run the same again.",
    ],
  },
  HOST_FAILED: {
    meaning: "A host did not reach what it was told to; the command's own error says what became of it and the others.",
    changed: "The command's own error lists each host.",
    advice: ["`threads status -e ENV`."],
  },
  HOST_DOCUMENT: {
    meaning:
      "threads.yml says that hosts take orders by documents of the application's own (`hosts.documents`), and SSM has none that is exactly what this release of threads makes of this threads.yml, or does not take what it was given.",
    changed: "Nothing was sent to a host.",
    advice: [
      "`threads doctor -e ENV --fix` makes it, by whoever may write documents; `--dry-run` only tells.",
      "`threads policy iam --terraform` prints it for Terraform.",
      "Versions for other releases of threads stay, so that an older threads goes on working.",
    ],
  },
  HOST_GONE: {
    meaning: "SSM no longer knows a host that it listed a moment ago.",
    advice: ["`threads status -e ENV` lists the hosts that there are; then run the same again."],
  },
  HOST_NOT_READY: {
    meaning:
      "A host cannot take a release: no Docker, no room, no environment file, or images that it cannot pull. `threads exec` needs its Docker, too.",
    changed: "Nothing was switched, and the database was not touched.",
    advice: [
      "The message names what is missing; on the host, /var/lib/threads/log has the whole log.",
      "`aws ssm start-session --target HOST` leads to it.",
    ],
  },
  HOST_OFFLINE: {
    meaning: "A host of the environment is not online in SSM, so that nobody could tell it anything.",
    advice: [
      "Start the host or its SSM agent.",
      "`threads deploy -e ENV RELEASE --without HOST` goes on without it.",
      "Or take the environment's tag off it, so that it is expected no more.",
    ],
  },
  HOST_SILENT: {
    meaning:
      "A host is online in SSM, but gives no whole answer to the question what it runs. A rollback goes on without such a host, as long as it reaches another one.",
    advice: ["`threads status -e ENV` asks again.", "`aws ssm start-session --target HOST` shows whether it is well."],
  },
  HOSTS_DIFFER: {
    meaning: "A deployment failed, and not every host could be brought back.",
    advice: [
      "`threads status -e ENV` asks each host what it runs.",
      "`threads rollback -e ENV` brings all of them to one release, or the deployment again does.",
      "On a host that does not come back, /var/lib/threads/log has the whole log.",
    ],
  },
  LEASE_ALIVE: {
    meaning: "The lease is that of somebody who gave a sign of life a moment ago.",
    changed: "The lease is as it was.",
    advice: ["Wait for them: a deployment or a rollback with `--wait` goes on by itself."],
  },
  LEASE_OF_ANOTHER: {
    meaning: "The lease is not, or no longer, that of the deployment that was named.",
    changed: "The lease is as it was.",
    advice: ["`threads lock -e ENV` shows whose it is."],
  },
  MIGRATION_FAILED: {
    meaning: "The migration failed on the first host, before anything was switched.",
    changed: "Every host runs what it ran before. The database is where the migration left it.",
    advice: [
      "The message shows the end of the migration's log; correct it, publish a new commit and deploy that.",
      "Where the migration had changed something already, put the database in order first.",
    ],
  },
  NEVER_RAN: {
    meaning:
      "A rollback goes to a release that has run in the environment, and the ledger knows of no such one by this name.",
    advice: [
      "`threads history -e ENV` lists the deployments with their numbers.",
      "`threads deploy -e ENV RELEASE` brings any release that may run there.",
    ],
  },
  NO_ANSWER: {
    meaning: "A host was given a command by `threads exec`, and how that ended is not known.",
    changed: "The command may have run wholly, in part or not at all.",
    advice: [
      "`aws ssm start-session --target HOST` leads to the host.",
      "Where it does no harm twice, run the same again.",
    ],
  },
  NO_HOSTS: {
    meaning: "SSM knows no host with the tag of this environment.",
    advice: [
      "Put the tag that the message names on the managed nodes, or correct `hosts` in threads.yml.",
      "In a sandbox: `threads sandbox up`.",
    ],
  },
  NO_HOST_LEFT: {
    meaning: "Every host of the environment was named with `--without`, so that none would change.",
    changed: "No host was touched, and nothing was written.",
    advice: ["Leave out fewer hosts; `threads status -e ENV` lists them."],
  },
  NO_LOG: {
    meaning: "No host that was asked has a log of that deployment.",
    advice: [
      "The history of the environment tells which hosts took part in it; those of a fleet that has gone took their logs with them.",
      "A host keeps logs for 90 days.",
    ],
  },
  NO_URL: {
    meaning:
      "Nobody has said where people reach the environment: threads knows that of the sandbox's hosts only, and of those " +
      "only where the compose file publishes the port to others than the host itself.",
    advice: [
      "Write `url` below the environment in threads.yml: by it verify asks one on ECS, too.",
      "In a sandbox publish the port without an address: `8000:8000`, not `127.0.0.1:8000:8000`.",
    ],
  },
  NOT_RUNNING: {
    meaning:
      "The service has no running container there, so that no command can run in it, or nothing can be read of it.",
    advice: [
      "`threads status -e ENV` shows what runs, and where.",
      "A service that ends by itself, such as a migration, has no container to be in.",
    ],
  },
  NOTHING_TO_RESUME: {
    meaning: "The newest deployment of the environment has come to its end, well or not: its hosts agree.",
    changed: "No host was touched, and nothing was written.",
    advice: [
      "`threads status -e ENV` tells what runs; `threads deploy -e ENV RELEASE` begins a new deployment.",
      "An unfinished rollback is gone on with by another one: the message names it.",
    ],
  },
  NOTHING_TO_ROLL_BACK: {
    meaning: "The environment has no release before the one that it runs, or none at all.",
    advice: ["`threads history -e ENV` lists what was deployed; `threads deploy -e ENV RELEASE` brings any of it."],
  },
  OLDER_RELEASE: {
    meaning: "What runs in the environment has every commit of this release, and more: git says so.",
    changed: "No host was touched, and nothing was written.",
    advice: [
      "A release that has run there is brought back by `threads rollback -e ENV`, which never asks for this.",
      "`threads deploy -e ENV RELEASE --allow-older` deploys it all the same, with its migrations.",
      "A job that has waited for long, or was approved late, has nothing left to do.",
    ],
  },
  ROLLED_BACK: {
    meaning: "A host did not come up with the new release, and the environment is back on what it ran before.",
    changed: "Every host runs what it ran before. Migrations that ran stay in the database.",
    advice: [
      "The message names the container to blame and shows the end of its log; correct that and publish a new commit.",
      "On the host, /var/lib/threads/log has the whole log.",
    ],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** The suites and the smoke test: what they found, or why they could not look. */
export const checks = {
  CHECKS_FAILED: {
    meaning: "The stack came up, and one of the checks from outside did not get the answer that it wants.",
    advice: ["The message shows each failed check and the end of the log: correct that, then `threads smoke`."],
  },
  COMPOSE_FAILED: {
    meaning: "docker compose failed while it built or started the stack, because of what it was to build or start.",
    advice: ["The message shows the step of the build or the container to blame: correct that and run the same again."],
  },
  COMPOSE_FILE: {
    meaning: "The compose file cannot be used: compose does not read it, or it does not run what threads.yml names.",
    advice: ["The message says what to write and where."],
  },
  MIGRATIONS_UNREADABLE: {
    meaning: "The command of `runtime.migrations` failed, or printed something that lists no migrations.",
    advice: [
      "The message names the command, and the line that could not be read.",
      "It runs in the image by itself: no network, no database, the environment of the smoke stack.",
      "It prints nothing but a JSON list, or an object a line: `threads help config`.",
    ],
  },
  NOT_HEALTHY: {
    meaning: "The time was up and a service was still not healthy.",
    advice: [
      "Read its log, of which the message shows the end.",
      "Where it only needs longer, raise the timeout in threads.yml.",
    ],
  },
  NO_REPORTS: {
    meaning:
      "`threads test --reports` was to bring out reports, and threads.yml does not say where the suites leave them.",
    advice: ["Write `reports: /tmp/reports` under `test` of threads.yml, and let the suites write there."],
  },
  NO_SUITES: {
    meaning: "threads.yml has no `test`, so there are no suites for `threads test` to run. Nothing else needs them.",
    advice: ["Write `test: { compose: FILE, service: NAME }` into threads.yml."],
  },
  SERVICE_FAILED: {
    meaning: "A container of the stack ended or became unhealthy, so that the stack cannot come up any more.",
    advice: [
      "The message shows the container's health check and the end of its log: correct that and run the same again.",
    ],
  },
  STACK_AT_WORK: {
    meaning: "The smoke stack that was to be removed belongs to a run that has not ended.",
    advice: ["End that run with Ctrl-C: it takes its stack down itself.", "`threads smoke list` shows all stacks."],
  },
  SUITES_FAILED: {
    meaning: "The suites ran and did not end with exit code 0.",
    advice: ["Read what they printed.", "Exit code 137 is mostly too little memory."],
  },
  TIMED_OUT: {
    meaning: "Building or running took longer than threads.yml allows, and was ended.",
    advice: ["Where it only needs longer, raise the timeout in threads.yml."],
  },
  UNKNOWN_STACK: {
    meaning: "No smoke stack of that name is on this machine.",
    advice: ["`threads smoke list` shows all stacks."],
  },
  WRONG_IMAGE: {
    meaning: "What ran was not what was to be tested: another image, or one that was built from another commit.",
    advice: [
      "threads labels what it builds, whatever its base image says: somebody has changed an image or a tag meanwhile.",
    ],
  },
} as const satisfies Partial<Record<Code, Explanation>>;

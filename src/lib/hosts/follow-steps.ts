import { randomBytes } from "node:crypto";
import type { Clock } from "../clock/clock.ts";
import type { Step } from "../progress/progress.ts";
import type { Remote } from "../remote/remote.ts";
import { parseStep, stepScript } from "../script/step-script.ts";
import { askHosts } from "./ask-hosts.ts";

/** The script of a deployment, on one host. */
export interface Followed {
  readonly app: string;
  readonly environment: string;
  readonly host: string;
  readonly number: number;
}

/** Shows what a host's script is at, until `over`; never fails, and nothing waits for it. */
export type FollowSteps = (script: Followed, step: Pick<Step, "update">, over: AbortSignal) => Promise<void>;

/** What is shorter needs no telling. */
const everyMs = 3_000;
const executionMs = 10_000;
const patienceMs = 20_000;
/** Each is a command of SSM's every few seconds: of more hosts than that nobody reads a line each. */
const mostAtOnce = 4;

/** SSM hands on nothing of a script before its end: the host is asked beside it. @param remote one of its own, so that nothing else waits for the answers */
export function followSteps(ports: {
  readonly remote: Pick<Remote, "send" | "wait">;
  readonly clock: Clock;
}): FollowSteps {
  let following = 0;
  return async (script, step, over) => {
    if (following >= mostAtOnce) return;
    following += 1;
    try {
      await follow(script, step, { ...ports, signal: over });
    } catch {
      // It is over, or the host cannot be asked beside its work: then the line stays as it is.
    } finally {
      following -= 1;
    }
  };
}

async function follow(
  { app, environment, host, number }: Followed,
  step: Pick<Step, "update">,
  { remote, clock, signal }: Parameters<typeof followSteps>[0] & { readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    await clock.sleep(everyMs, signal);
    const nonce = randomBytes(8).toString("hex");
    const question = {
      script: stepScript({ app, number, nonce }),
      label: `${app} ${environment} step #${number}`,
      environment,
      executionMs,
      patienceMs,
      doing: "asking the host what it is at",
    };
    const [run] = await askHosts(question, [{ id: host, name: host, online: true }], { remote, signal });
    const at = parseStep(run?.stdout ?? "", nonce);
    if (at !== undefined) step.update(words[at] ?? at);
  }
}

/** The steps of a host's script, as people say them. */
const words: Readonly<Record<string, string>> = {
  preflight: "looking at the host",
  environment: "making the environment",
  compose: "reading the compose file",
  pull: "pulling",
  prepare: "preparing the slot",
  migrate: "migrating",
  switch: "coming up",
  verify: "waiting until it is healthy",
  weigh: "coming up beside what serves",
  singletons: "handing over workers and what runs once",
  record: "recording",
  retire: "letting the old slot end its work",
  prune: "tidying up",
  restore: "bringing back what ran before",
  back: "going back",
};

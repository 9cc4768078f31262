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

/** How often hosts are asked, and how long an answer may take before anybody looks for it, in milliseconds. */
interface Pace {
  readonly everyMs: number;
  readonly restMs: number;
}

/** By who reads it. What is shorter needs no telling; and each look for an answer is a call of SSM's, which a log is not worth. */
const paces = {
  terminal: { everyMs: 3_000, restMs: 0 },
  log: { everyMs: 10_000, restMs: 2_000 },
} satisfies Record<string, Pace>;

/** Who reads what is told while scripts run. */
export type Reader = keyof typeof paces;

const executionMs = 10_000;
const patienceMs = 20_000;
/** Of more hosts at once nobody reads a line each: how many of them have ended is told, and none is asked. */
const mostAtOnce = 20;

interface FollowPorts {
  readonly remote: Pick<Remote, "send" | "wait">;
  readonly clock: Clock;
  readonly reader: Reader;
}

interface Follower {
  readonly script: Followed;
  readonly step: Pick<Step, "update">;
  readonly isOver: () => boolean;
  readonly leave: () => void;
}

/**
 * SSM hands on nothing of a script before its end: hosts are asked beside it, all with one command.
 * @param remote one of its own, so that nothing else waits for the answers
 */
export function followSteps({ remote, clock, reader }: FollowPorts): FollowSteps {
  const { everyMs, restMs } = paces[reader];
  const followers = new Set<Follower>();
  let rounds: AbortController | undefined;
  const patient: FollowPorts["remote"] = {
    send: (script) => remote.send(script),
    wait: async (command, options) => {
      if (restMs > 0) await clock.sleep(restMs, options?.signal);
      return remote.wait(command, options);
    },
  };
  const goRound = async (signal: AbortSignal): Promise<void> => {
    try {
      for (;;) {
        await clock.sleep(everyMs, signal);
        if (followers.size > mostAtOnce) continue;
        const orders = Map.groupBy(followers, ({ script }) => JSON.stringify([script.environment, script.number]));
        await Promise.all([...orders.values()].map((some) => askWhere(some, { remote: patient, signal })));
      }
    } catch {
      // It is over, or hosts cannot be asked beside their work: then the lines stay as they are.
      if (!signal.aborted) for (const { leave } of followers) leave();
    }
  };
  return (script, step, over) =>
    new Promise((resolve) => {
      if (over.aborted) return resolve();
      const follower = { script, step, isOver: () => over.aborted, leave: () => leave() };
      const leave = (): void => {
        followers.delete(follower);
        resolve();
        if (followers.size > 0) return;
        rounds?.abort();
        rounds = undefined;
      };
      followers.add(follower);
      over.addEventListener("abort", leave, { once: true });
      if (rounds !== undefined) return;
      rounds = new AbortController();
      void goRound(rounds.signal);
    });
}

/** What hosts of one deployment are at. */
async function askWhere(
  followers: readonly Follower[],
  ports: { readonly remote: FollowPorts["remote"]; readonly signal: AbortSignal },
): Promise<void> {
  const [first] = followers;
  if (first === undefined) return;
  const { app, environment, number } = first.script;
  const nonce = randomBytes(8).toString("hex");
  const question = {
    script: stepScript({ app, number, nonce }),
    label: `${app} ${environment} step #${number}`,
    environment,
    executionMs,
    patienceMs,
    doing: "asking the hosts what they are at",
  };
  const hosts = followers.map(({ script: { host } }) => ({ id: host, name: host, online: true }));
  const runs = await askHosts(question, hosts, ports);
  const said = new Map(runs.map(({ host, stdout }) => [host, parseStep(stdout, nonce)]));
  for (const { script, step, isOver } of followers) {
    const at = said.get(script.host);
    if (at !== undefined && !isOver()) step.update(words[at] ?? at);
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

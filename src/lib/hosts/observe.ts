import { randomBytes } from "node:crypto";
import type { Member, Observed } from "../fleet/target.ts";
import type { Remote } from "../remote/remote.ts";
import { statusScript } from "../script/host-scripts.ts";
import { parseSummary } from "../script/summary.ts";
import { askHosts, silenceOf } from "./ask-hosts.ts";

/** A look at a host takes a second or two; one that hangs on its docker is given up after this. */
export const lookMs = 60_000;

/**
 * Asks every online host at once what runs on it: one command, nothing changed.
 * @throws ThreadsError refused where the answers cannot be seen, with the action that AWS does not allow
 */
export async function observe(order: Order, ports: ObservePorts): Promise<readonly Observed[]> {
  const { app, environment, hosts } = order;
  const question = {
    script: statusScript({ app, nonce: randomBytes(8).toString("hex") }),
    environment,
    label: `${app} ${environment} status`,
    executionMs: lookMs,
    doing: "asking the hosts what runs on them",
  };
  const online = hosts.filter((host) => host.online);
  const runs = await askHosts(question, online, ports);
  return hosts.map((host) => {
    if (!host.online) return { host, summary: undefined, silence: offlineSilence };
    const run = runs.find((one) => one.host === host.id);
    const summary = run === undefined ? undefined : parseSummary(run.stdout);
    return { host, summary, silence: summary === undefined ? silenceOf(run) : undefined };
  });
}

export const offlineSilence = "offline: SSM has lost the connection";

interface Order {
  readonly app: string;
  readonly environment: string;
  readonly hosts: readonly Member[];
}

interface ObservePorts {
  readonly remote: Remote;
  readonly signal: AbortSignal;
}

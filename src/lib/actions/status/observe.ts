import { randomBytes } from "node:crypto";
import type { Host, HostRun, Remote } from "../../remote/remote.ts";
import { statusScript } from "../../script/host-scripts.ts";
import { type HostSummary, parseSummary } from "../../script/summary.ts";

/** A host as it describes itself now; without `summary` it did not answer, and `silence` says why. */
export interface Observed {
  readonly host: Host;
  readonly summary: HostSummary | undefined;
  readonly silence: string | undefined;
}

/** A look at a host takes a second or two; one that hangs on its docker is given up after this. */
const executionMs = 60_000;

/** Asks every online host at once what runs on it: one command, nothing changed. */
export async function observe(
  order: { readonly app: string; readonly environment: string; readonly hosts: readonly Host[] },
  ports: { readonly remote: Remote; readonly signal: AbortSignal },
): Promise<readonly Observed[]> {
  const online = order.hosts.filter((host) => host.online);
  const runs = online.length === 0 ? [] : await look(order, online, ports);
  return order.hosts.map((host) => {
    if (!host.online) return { host, summary: undefined, silence: "offline: SSM has lost the connection" };
    const run = runs.find((one) => one.host === host.id);
    const summary = run === undefined ? undefined : parseSummary(run.stdout);
    return { host, summary, silence: summary === undefined ? silenceOf(run) : undefined };
  });
}

async function look(
  order: { readonly app: string; readonly environment: string },
  hosts: readonly Host[],
  { remote, signal }: { readonly remote: Remote; readonly signal: AbortSignal },
): Promise<readonly HostRun[]> {
  const sent = await remote.send({
    text: statusScript({ app: order.app, nonce: randomBytes(8).toString("hex") }),
    hosts: hosts.map((host) => host.id),
    label: `${order.app} ${order.environment} status`,
    executionMs,
  });
  return remote.wait(sent, { signal });
}

function silenceOf(run: HostRun | undefined): string {
  if (run === undefined || run.status === "noinvocation") return "no answer: SSM never showed the command";
  if (run.end === "succeeded" || run.end === "failed")
    return `no answer: the script ended with ${run.exitCode} ${run.stderr.trim().split("\n").at(-1) ?? ""}`.trim();
  return `no answer: SSM says ${run.status}`;
}

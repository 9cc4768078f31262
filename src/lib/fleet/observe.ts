import { randomBytes } from "node:crypto";
import { awsFailure } from "../aws/failure.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Host, HostRun, Remote } from "../remote/remote.ts";
import { statusScript } from "../script/host-scripts.ts";
import { type HostSummary, parseSummary } from "../script/summary.ts";

/** A host as it describes itself now; without `summary` it did not answer, and `silence` says why. */
export interface Observed {
  readonly host: Host;
  readonly summary: HostSummary | undefined;
  readonly silence: string | undefined;
}

/** A look at a host takes a second or two; one that hangs on its docker is given up after this. */
export const lookMs = 60_000;

/**
 * Asks every online host at once what runs on it: one command, nothing changed.
 * @throws ThreadsError refused where the answers cannot be seen, with the action that AWS does not allow
 */
export async function observe(order: Order, ports: ObservePorts): Promise<readonly Observed[]> {
  const online = order.hosts.filter((host) => host.online);
  const runs = online.length === 0 ? [] : await ask(order, online, ports);
  return order.hosts.map((host) => {
    if (!host.online) return { host, summary: undefined, silence: "offline: SSM has lost the connection" };
    const run = runs.find((one) => one.host === host.id);
    const summary = run === undefined ? undefined : parseSummary(run.stdout);
    return { host, summary, silence: summary === undefined ? silenceOf(run) : undefined };
  });
}

interface Order {
  readonly app: string;
  readonly environment: string;
  readonly hosts: readonly Host[];
}

interface ObservePorts {
  readonly remote: Remote;
  readonly signal: AbortSignal;
}

/** Our word beside those of SSM, which has none for a host that it does not know. */
const unregistered = "unregistered";

/** SSM refuses a command as a whole for one host that it has just lost: then each is asked by itself. */
async function ask(order: Order, hosts: readonly Host[], ports: ObservePorts): Promise<readonly HostRun[]> {
  try {
    return await look(order, hosts, ports);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.code !== "HOST_GONE") throw unseen(error);
    if (hosts.length === 1)
      return hosts.map(({ id }) => ({
        host: id,
        end: "never-ran",
        status: unregistered,
        exitCode: -1,
        stdout: "",
        stderr: "",
      }));
    return (await Promise.all(hosts.map((host) => ask(order, [host], ports)))).flat();
  }
}

async function look(
  order: Order,
  hosts: readonly Host[],
  { remote, signal }: ObservePorts,
): Promise<readonly HostRun[]> {
  const sent = await remote.send({
    text: statusScript({ app: order.app, nonce: randomBytes(8).toString("hex") }),
    environment: order.environment,
    hosts: hosts.map((host) => host.id),
    label: `${order.app} ${order.environment} status`,
    executionMs: lookMs,
  });
  return remote.wait(sent, { signal });
}

/** Of a script that changes something the outcome would be unknown; a look that nobody sees has changed nothing. */
function unseen(error: unknown): unknown {
  if (!(error instanceof ThreadsError) || error.outcome !== "unknown") return error;
  return awsFailure(error.cause, "asking the hosts what runs on them");
}

function silenceOf(run: HostRun | undefined): string {
  if (run === undefined || run.status === "noinvocation") return "no answer: SSM never showed the command";
  if (run.status === unregistered) return "no answer: SSM no longer knows the host";
  if (run.end === "succeeded" || run.end === "failed")
    return `no answer: the script ended with ${run.exitCode} ${run.stderr.trim().split("\n").at(-1) ?? ""}`.trim();
  return `no answer: SSM says ${run.status}`;
}

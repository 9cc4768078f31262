import type { Clock } from "../clock/clock.ts";
import { unlessAborted } from "../clock/unless-aborted.ts";
import type { Config } from "../config/config.ts";
import { printReference } from "../image/reference.ts";
import { directRecords } from "../ledger/direct-records.ts";
import type { HostOutcome, Intent } from "../ledger/ledger.ts";
import type { Step } from "../progress/progress.ts";
import { imageVariable } from "../release/release.ts";
import type { HostRun, Remote, SentCommand } from "../remote/remote.ts";
import { lostSight } from "../remote/wait.ts";
import { type DeployScript, deployScript, restoreScript } from "../script/host-scripts.ts";
import { parseSummary } from "../script/summary.ts";
import { absentServices, type Expectation, idleServices, runsRelease } from "./judge.ts";
import { observe } from "./observe.ts";
import { killAfterMs } from "./time-limits.ts";
import { type HostVerdict, judgeSummary, tailOf, unreached } from "./verdict.ts";

export interface HostOrder {
  readonly intent: Intent;
  readonly host: string;
  readonly action: "deploy" | "restore";
  /** One-shot service to run on it before the switch. */
  readonly migrate: string | undefined;
  /** The host script's own time limit, in milliseconds. */
  readonly limitMs: number;
  /** What the host serves as long as the script has not reached it. */
  readonly stands: HostOutcome["state"];
  /** Whether the release gets the environment that it had there last, where it had one. */
  readonly asItWas: boolean;
}

export interface HostPorts {
  readonly config: Config;
  /** Registry's host as it stands in references. */
  readonly registryHost: string;
  readonly remote: Remote;
  readonly clock: Clock;
  readonly environment: string;
  /** AWS's; hosts have their own where it is not named. */
  readonly region?: string;
  /** Aborted by the second Ctrl-C: the running script is cancelled. */
  readonly cancelNow: AbortSignal;
  /** Aborted when we are to go at once: the running script goes on. */
  readonly detach: AbortSignal;
}

/** SSM's words for a command under way, as people say them. */
const onTheHost: Readonly<Record<string, string>> = {
  pending: "sent, not yet taken by the host",
  inprogress: "the host is at work",
  delayed: "the host has not answered SSM yet",
  success: "the host is done",
};

/** Sends a host its script and waits for its word; where there is none, asks the host what it runs. */
export async function runHost(order: HostOrder, step: Step, ports: HostPorts): Promise<HostVerdict> {
  const { detach } = ports;
  const left = { end: "left", code: 0, tail: [], warnings: [] } as const;
  if (detach.aborted) return { ...left, state: order.stands, says: "" };
  try {
    return await unlessAborted(detach, () => carryOut(order, step, ports));
  } catch (error) {
    if (!detach.aborted) throw error;
    return { ...left, state: "unknown", says: alone[order.action] };
  }
}

/** What a host does without us. */
const alone = { deploy: "goes on without us", restore: "is going back without us" } as const;

async function carryOut(order: HostOrder, step: Step, ports: HostPorts): Promise<HostVerdict> {
  const { remote, cancelNow, detach } = ports;
  const sent = await remote.send({
    text: scriptFor(order, ports),
    environment: ports.environment,
    hosts: [order.host],
    label: `${ports.config.app} ${ports.environment} ${order.action} #${order.intent.number} ${order.intent.nonce}`,
    executionMs: order.limitMs + killAfterMs,
  });
  const onChange = (_: string, status: string): void => step.update(onTheHost[status] ?? status);
  const signal = order.action === "deploy" ? AbortSignal.any([cancelNow, detach]) : detach;
  try {
    const [run] = await remote.wait(sent, { signal, onChange });
    return await judgeRun(run, order, ports);
  } catch (error) {
    // Whoever leaves must not cancel: a script that is killed in the middle of a switch leaves half of it.
    if (detach.aborted || !cancelNow.aborted || order.action !== "deploy") throw error;
    step.update("cancelling");
    return cancelRun(sent, order, ports);
  }
}

function scriptFor(order: HostOrder, ports: HostPorts): string {
  const { config, registryHost, clock } = ports;
  const { intent, host, action, migrate, limitMs } = order;
  const { runtime } = config;
  const settings = {
    app: config.app,
    number: intent.number,
    nonce: intent.nonce,
    absent: absentServices(runtime.singletons, host, intent.hosts),
    singletons: host === intent.hosts[0] ? runtime.singletons : [],
    drainMs: runtime.drainMs,
    envFile: runtime.envFile,
    ...environmentSource(ports),
    port: runtime.port,
    healthPath: runtime.health,
    healthHost: runtime.host,
    healthProto: runtime.forwardedProto,
    healthTimeoutMs: runtime.timeoutMs,
    deadlineMs: limitMs,
  };
  if (action === "restore") return restoreScript(settings);
  const images = Object.fromEntries(
    Object.entries(intent.images).map(([service, pin]) => [service, printReference({ host: registryHost, ...pin })]),
  );
  const references = Object.entries(images).map(([service, reference]) => [imageVariable(service), reference]);
  return deployScript({
    ...settings,
    bundle: printReference({ host: registryHost, ...intent.bundle }),
    revision: intent.revision,
    images,
    variables: {
      ...Object.fromEntries(references),
      REVISION: intent.revision,
      TREE: intent.tree,
      ENV_FILE: runtime.envFile,
      HTTP_PORT: String(runtime.port),
    },
    sentAt: clock.now(),
    migrate,
    asItWas: order.asItWas,
  });
}

/** Where the host makes its environment file from. What the ledger keeps may lie in that path, and is no variable. */
function environmentSource({ config, environment, region }: HostPorts): Partial<DeployScript> {
  const envFrom = config.environments[environment]?.envFrom ?? config.runtime.envFrom;
  if (envFrom === undefined) return {};
  const envOthers = Object.keys(config.environments).flatMap((name) => directRecords(config.app, name));
  return { envFrom, envOthers, region };
}

/** The host's own word counts, whatever SSM says; where there is none, the host is asked. */
async function judgeRun(run: HostRun | undefined, order: HostOrder, ports: HostPorts): Promise<HostVerdict> {
  if (run?.end === "never-ran") return unreached(order.stands, `did not get the script (SSM: ${run.status})`);
  return ownWord(run, order, ports) ?? (await askHost(run, order, ports));
}

/** @returns undefined where the script did not get to its last line: killed, cut off, or of another deployment */
function ownWord(run: HostRun | undefined, order: HostOrder, ports: HostPorts): HostVerdict | undefined {
  const { action, intent } = order;
  const summary = run === undefined ? undefined : parseSummary(run.stdout);
  const own = summary?.action === action && summary.number === intent.number && summary.nonce === intent.nonce;
  return own ? judgeSummary(summary, { action, expectation: expected(order, ports), tail: tailOf(run) }) : undefined;
}

function expected({ intent, host }: HostOrder, { config }: HostPorts): Expectation {
  return { release: intent, absent: idleServices(config.runtime, host, intent.hosts) };
}

/** SSM cannot say what happened (time-out, agent lost, output cut off), so the host is asked what it runs. */
async function askHost(run: HostRun | undefined, order: HostOrder, ports: HostPorts): Promise<HostVerdict> {
  const { host, action } = order;
  const because = `SSM: ${run?.status ?? "no invocation"}`;
  const [seen] = await observe(
    {
      app: ports.config.app,
      environment: ports.environment,
      hosts: [{ id: host, name: host, online: true, agent: "" }],
    },
    { remote: ports.remote, signal: ports.detach },
  ).catch((error: unknown) => {
    // The look is refused, but a script has been at work: nobody may take that for a host that was not touched.
    throw ports.detach.aborted ? error : lostSight(error, ports.environment);
  });
  const known = { code: 0, tail: tailOf(run), warnings: [] };
  if (action === "deploy" && seen?.summary !== undefined && runsRelease(seen.summary, expected(order, ports)))
    return { ...known, end: "done", state: "new", says: "" };
  const says = seen?.summary === undefined ? `does not answer (${because})` : `did not finish (${because})`;
  return { ...known, end: "failed", state: "unknown", says };
}

/** Cancel is a kill in the middle; the host is then told to go back to what it ran before. */
async function cancelRun(sent: SentCommand, order: HostOrder, ports: HostPorts): Promise<HostVerdict> {
  await ports.remote.cancel(sent).catch((error: unknown) => {
    // The wish is refused, but the script is at work.
    throw lostSight(error, ports.environment);
  });
  const [run] = await ports.remote.wait(sent, { signal: ports.detach });
  const ended = run?.end === "unknown" ? ownWord(run, order, ports) : await judgeRun(run, order, ports);
  if (ended?.end === "done") return { ...ended, end: "cancelled", says: "had finished before it could be cancelled" };
  if (ended?.state === "old") return { ...ended, end: "cancelled" };
  const quiet: Step = { update: () => undefined, done: () => undefined };
  const back = await runHost({ ...order, action: "restore", stands: "unknown" }, quiet, ports);
  const says =
    back.end === "done" ? "was cancelled and is back on what it ran before" : `was cancelled and ${back.says}`;
  return { ...back, end: "cancelled", says };
}

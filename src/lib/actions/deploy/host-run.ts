import type { Config } from "../../config/config.ts";
import { printReference } from "../../image/reference.ts";
import type { Intent } from "../../ledger/ledger.ts";
import type { Step } from "../../progress/progress.ts";
import { imageVariable } from "../../release/release.ts";
import type { HostRun, Remote, SentCommand } from "../../remote/remote.ts";
import { lostSight } from "../../remote/wait.ts";
import { deployScript, restoreScript } from "../../script/host-scripts.ts";
import { hostFailures, parseSummary } from "../../script/summary.ts";
import { absentServices, runsRelease } from "../status/judge.ts";
import { observe } from "../status/observe.ts";

/** What became of one host. */
export interface HostVerdict {
  readonly end: "done" | "failed" | "superseded" | "cancelled";
  /** What it runs now: the new release, what it ran before, or nobody knows. */
  readonly state: "new" | "old" | "unknown";
  /** The host script's exit code, 0 where there was none. */
  readonly code: number;
  /** One sentence without the host's name; empty where all is well. */
  readonly says: string;
  /** The end of the host's log. */
  readonly tail: readonly string[];
}

export interface HostOrder {
  readonly intent: Intent;
  readonly host: string;
  readonly action: "deploy" | "restore";
  /** One-shot service to run on it before the switch. */
  readonly migrate: string | undefined;
  /** The host script's own time limit, in milliseconds. */
  readonly limitMs: number;
}

export interface HostPorts {
  readonly config: Config;
  /** Registry's host as it stands in references. */
  readonly registryHost: string;
  readonly remote: Remote;
  readonly environment: string;
  /** Aborted by the second Ctrl-C: the running script is cancelled. */
  readonly hurry: AbortSignal;
}

/** SSM kills a script that outlives its own limit by this much. */
const killAfterMs = 60_000;
const tailLines = 20;
const never = new AbortController().signal;

/** SSM's words for a command under way, as people say them. */
const onTheHost: Readonly<Record<string, string>> = {
  pending: "sent, not yet taken by the host",
  inprogress: "the host is at work",
  delayed: "the host has not answered SSM yet",
  success: "the host has ended",
};

/** Sends a host its script and waits for its word; where there is none, asks the host what it runs. */
export async function runHost(order: HostOrder, step: Step, ports: HostPorts): Promise<HostVerdict> {
  const sent = await ports.remote.send({
    text: scriptFor(order, ports),
    hosts: [order.host],
    label: `${ports.config.app} ${ports.environment} ${order.action} #${order.intent.number} ${order.intent.nonce}`,
    executionMs: order.limitMs + killAfterMs,
  });
  const onChange = (_: string, status: string): void => step.update(onTheHost[status] ?? status);
  try {
    const [run] = await ports.remote.wait(sent, { signal: order.action === "deploy" ? ports.hurry : never, onChange });
    return await judgeRun(run, order, ports);
  } catch (error) {
    if (!ports.hurry.aborted || order.action !== "deploy") throw error;
    step.update("cancelling");
    return cancelRun(sent, order, ports);
  }
}

function scriptFor({ intent, host, action, migrate, limitMs }: HostOrder, { config, registryHost }: HostPorts): string {
  const { runtime } = config;
  const settings = {
    app: config.app,
    number: intent.number,
    nonce: intent.nonce,
    absent: absentServices(runtime.singletons, host, intent.hosts),
    envFile: runtime.envFile,
    port: runtime.port,
    healthPath: runtime.healthPath,
    healthTimeoutMs: runtime.healthTimeoutMs,
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
    migrate,
  });
}

/** Success is SSM's word and the host's own together. */
async function judgeRun(run: HostRun | undefined, order: HostOrder, ports: HostPorts): Promise<HostVerdict> {
  if (run?.end === "never-ran")
    return { end: "failed", state: "old", code: 10, says: `did not get the script (SSM: ${run.status})`, tail: [] };
  const summary = run === undefined ? undefined : parseSummary(run.stdout);
  const own = summary?.number === order.intent.number && summary.nonce === order.intent.nonce;
  if (run === undefined || run.end === "unknown" || summary === undefined || !own) return askHost(run, order, ports);
  const reached = order.action === "deploy" ? "new" : "old";
  if (run.end === "succeeded" && summary.ok) return { end: "done", state: reached, code: 0, says: "", tail: [] };
  const tail = run.stderr.trim().split("\n").slice(-tailLines);
  const failure = hostFailures[summary.code] ?? { word: "failed", changed: true };
  const says = `${failure.word}: ${summary.message}`;
  if (summary.code === 11) return { end: "superseded", state: "unknown", code: 11, says, tail };
  const state = order.action === "restore" || failure.changed ? "unknown" : "old";
  return { end: "failed", state, code: summary.code, says, tail };
}

/** SSM cannot say what happened (time-out, agent lost, output cut off), so the host is asked what it runs. */
async function askHost(run: HostRun | undefined, order: HostOrder, ports: HostPorts): Promise<HostVerdict> {
  const { intent, host } = order;
  const because = `SSM: ${run?.status ?? "no invocation"}`;
  const [seen] = await observe(
    {
      app: ports.config.app,
      environment: ports.environment,
      hosts: [{ id: host, name: host, online: true, agent: "" }],
    },
    { remote: ports.remote, signal: never },
  ).catch((error: unknown) => {
    // The look is refused, but a script has been at work: nobody may take that for a host that was not touched.
    throw lostSight(error);
  });
  const absent = absentServices(ports.config.runtime.singletons, host, intent.hosts);
  const expectation = { release: intent, services: ports.config.services, absent };
  if (order.action === "deploy" && seen?.summary !== undefined && runsRelease(seen.summary, expectation))
    return { end: "done", state: "new", code: 0, says: "", tail: [] };
  const says = seen?.summary === undefined ? `does not answer (${because})` : `did not finish (${because})`;
  return {
    end: "failed",
    state: "unknown",
    code: 0,
    says,
    tail: run?.stderr.trim().split("\n").slice(-tailLines) ?? [],
  };
}

/** Cancel is a kill in the middle; the host is then told to go back to what it ran before. */
async function cancelRun(sent: SentCommand, order: HostOrder, ports: HostPorts): Promise<HostVerdict> {
  await ports.remote.cancel(sent);
  const [run] = await ports.remote.wait(sent);
  const ended = run?.end === "unknown" ? undefined : await judgeRun(run, order, ports);
  if (ended?.end === "done") return { ...ended, end: "cancelled", says: "had finished before it could be cancelled" };
  if (ended?.state === "old") return { ...ended, end: "cancelled" };
  const quiet: Step = { update: () => undefined, done: () => undefined };
  const back = await runHost({ ...order, action: "restore" }, quiet, ports);
  const says =
    back.end === "done" ? "was cancelled and is back on what it ran before" : `was cancelled and ${back.says}`;
  return { ...back, end: "cancelled", says };
}

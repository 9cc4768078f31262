import { unlessAborted } from "../clock/unless-aborted.ts";
import type { Step } from "../progress/progress.ts";
import type { HostRun } from "../remote/remote.ts";
import { runText } from "../remote/run-text.ts";
import { lostSight } from "../remote/wait.ts";
import { type HostSummary, parseSummary } from "../script/summary.ts";
import { commandFor, type HostCommand } from "./host-command.ts";
import type { MemberOrder } from "../fleet/target.ts";
import type { HostPorts } from "./ports.ts";
import { type Expectation, idleServices, runsRelease } from "../fleet/judge.ts";
import { observe } from "./observe.ts";
import { type MemberVerdict, unreached } from "../fleet/verdict.ts";
import { judgeSummary, tailOf } from "./judge-summary.ts";

/** SSM's words for a command under way, as people say them. */
const onTheHost: Readonly<Record<string, string>> = {
  pending: "sent, not yet taken by the host",
  inprogress: "the host is at work",
  delayed: "the host has not answered SSM yet",
  success: "the host is done",
};

/** A host that is well takes a command in a second. */
const unclaimed =
  "not taken by the host for 30 s: its SSM agent is down, has no way to SSM or no role for it, or works on other commands";

/** A host's order, and the command that takes it there. */
export interface Sending {
  readonly order: MemberOrder;
  readonly command: HostCommand;
}

/** Sends a host its script and waits for its word; where there is none, asks the host what it runs. */
export async function runHost(sending: Sending, step: Step, ports: HostPorts): Promise<MemberVerdict> {
  const { order } = sending;
  const { detach } = ports;
  const left = { end: "left", code: 0, tail: [], warnings: [] } as const;
  if (detach.aborted) return { ...left, state: order.stands, says: "" };
  try {
    return await unlessAborted(detach, () => carryOut(sending, step, ports));
  } catch (error) {
    if (!detach.aborted) throw error;
    return { ...left, state: "unknown", says: alone[order.action] };
  }
}

/** What a host does without us. */
const alone = {
  deploy: "goes on without us",
  weigh: "goes on without us",
  restore: "is going back without us",
} as const;

async function carryOut(sending: Sending, step: Step, ports: HostPorts): Promise<MemberVerdict> {
  const { order, command } = sending;
  const { remote, cancelNow, detach } = ports;
  const sent = await command.send();
  const onChange = (_: string, status: string): void => step.update(onTheHost[status] ?? status);
  const onUnclaimed = (): void => step.update(unclaimed);
  let isFollowed = false;
  const onCount = (ended: number, of: number): void => {
    // A host that tells what it is at has a line of its own to say.
    if (of > 1 && !isFollowed) step.update(`of ${of} hosts ${ended} have ended`);
  };
  const signal = order.action === "restore" ? detach : AbortSignal.any([cancelNow, detach]);
  const over = new AbortController();
  const { intent, host } = order;
  const script = { app: ports.config.app, environment: ports.environment, host, number: intent.number };
  const update = (at: string): void => {
    isFollowed = true;
    step.update(at);
  };
  void ports.followSteps?.(script, { update }, over.signal);
  try {
    const watching = { signal, onChange, onUnclaimed, onCount };
    const [run] = await remote.wait(sent, watching).finally(() => over.abort());
    if (run !== undefined) ports.progress.keep(host, [...run.stdout.split("\n"), ...run.stderr.split("\n")]);
    return await judgeRun(run, order, ports);
  } catch (error) {
    // Whoever leaves must not cancel: a script that is killed in the middle of a switch leaves half of it.
    if (detach.aborted || !cancelNow.aborted || order.action === "restore") throw error;
    step.update("cancelling");
    return cancelRun(sending, ports);
  }
}

/** The host's own word counts, whatever SSM says; where there is none, the host is asked. */
async function judgeRun(run: HostRun | undefined, order: MemberOrder, ports: HostPorts): Promise<MemberVerdict> {
  if (run?.end === "never-ran") return unreached(order.stands, `did not get the script (${runText(run)})`);
  return ownWord(run, order, ports) ?? (await askHost(run, order, ports));
}

/** @returns undefined where the script did not get to its last line: killed, cut off, or of another deployment */
function ownWord(run: HostRun | undefined, order: MemberOrder, ports: HostPorts): MemberVerdict | undefined {
  const { action, intent } = order;
  const summary = run === undefined ? undefined : parseSummary(run.stdout);
  const own = summary?.action === action && summary.number === intent.number && summary.nonce === intent.nonce;
  return own ? judgeSummary(summary, { action, expectation: expected(order, ports), tail: tailOf(run) }) : undefined;
}

function expected({ intent, host }: MemberOrder, { config }: HostPorts): Expectation {
  return { release: intent, absent: idleServices(config.runtime, host, intent.hosts) };
}

/** SSM cannot say what happened (time-out, agent lost, output cut off), so the host is asked what it runs. */
async function askHost(run: HostRun | undefined, order: MemberOrder, ports: HostPorts): Promise<MemberVerdict> {
  const { host, action } = order;
  const because = runText(run);
  const [seen] = await observe(
    {
      app: ports.config.app,
      environment: ports.environment,
      hosts: [{ id: host, name: host, online: true }],
    },
    { remote: ports.remote, signal: ports.detach },
  ).catch((error: unknown) => {
    // The look is refused, but a script has been at work: nobody may take that for a host that was not touched.
    throw ports.detach.aborted ? error : lostSight(error, ports.environment);
  });
  const known = { code: 0, tail: tailOf(run), warnings: [] };
  if (action === "deploy" && seen?.summary !== undefined && runsRelease(seen.summary, expected(order, ports)))
    return { ...known, end: "done", state: "new", says: "" };
  if (action === "weigh" && hasShare(seen?.summary, order)) return { ...known, end: "done", state: "both", says: "" };
  const says = seen?.summary === undefined ? `does not answer (${because})` : `did not finish (${because})`;
  return { ...known, end: "failed", state: "unknown", says };
}

function hasShare(summary: HostSummary | undefined, { intent, share }: MemberOrder): boolean {
  const { busy = true, weighed } = summary ?? {};
  if (busy || weighed?.number !== intent.number || weighed.step !== share?.step) return false;
  return weighed.slots?.new.weight === share.weight;
}

/** Cancel is a kill in the middle; the host is then told to go back to what it ran before. */
async function cancelRun({ order, command }: Sending, ports: HostPorts): Promise<MemberVerdict> {
  await command.cancel().catch((error: unknown) => {
    // The wish is refused, but the script is at work.
    throw lostSight(error, ports.environment);
  });
  const [run] = await ports.remote.wait(await command.send(), { signal: ports.detach });
  const ended = run?.end === "unknown" ? ownWord(run, order, ports) : await judgeRun(run, order, ports);
  if (ended?.end === "done") return { ...ended, end: "cancelled", says: "had finished before it could be cancelled" };
  if (ended?.state === "old") return { ...ended, end: "cancelled" };
  const quiet: Step = { update: () => undefined, done: () => undefined };
  const restore: MemberOrder = { ...order, action: "restore", stands: "unknown" };
  const back = await runHost({ order: restore, command: commandFor(restore, ports) }, quiet, ports);
  const says =
    back.end === "done" ? "was cancelled and is back on what it ran before" : `was cancelled and ${back.says}`;
  return { ...back, end: "cancelled", says };
}

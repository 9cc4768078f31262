import { unlessAborted } from "../clock/unless-aborted.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Freeze } from "../ledger/freeze.ts";
import type { HostOutcome } from "../ledger/ledger.ts";
import { shortRevision } from "../release/revision.ts";
import { hostCodeOf, hostCodes } from "../script/host-codes.ts";
import { carryOut, type Walk } from "./carry-out-round.ts";
import { bringLate } from "./late-hosts.ts";
import type { PlannedHost } from "./rollout-plan.ts";
import type { Round } from "./rounds.ts";
import { leastMs, restoreMs, rolloutMs } from "./time-limits.ts";
import { type Trouble, troubleOf } from "./trouble.ts";
import { type MemberVerdict, unreached } from "./verdict.ts";
import { watchFirst } from "./watch-first.ts";
import { weighSteps } from "./weigh.ts";

/**
 * One round of hosts after another, and all of them back where one fails, so that the environment runs one release; but behind
 * a contract migration none goes back. Never rejects: what is known by then is worth writing down, whatever stopped us.
 */
export async function switchOrReturn(walk: Walk): Promise<Trouble | undefined> {
  try {
    const trouble = await switchHosts(walk);
    if (trouble === undefined) await bringLate(walk);
    if (trouble?.cause !== "failed") return trouble;
    if (isPastReturn(walk)) return { ...trouble, noReturn: walk.plan.noReturn };
    await bringBack(walk, trouble);
    return walk.ports.detach.aborted ? { ...trouble, cause: "left" } : trouble;
  } catch (error) {
    return { cause: "unseen", error };
  }
}

function isUntouched(verdict: MemberVerdict | undefined): boolean {
  return verdict?.state === "old" && hostCodeOf(verdict.code)?.touched === false;
}

/** Round after round until a host fails, time is up, the environment is frozen or somebody presses Ctrl-C. */
async function switchHosts(walk: Walk): Promise<Trouble | undefined> {
  const { plan, ports } = walk;
  const tell = (): void => {
    if (ports.detach.aborted) return;
    const what = plan.kind === "rollback" ? "the hosts may finish" : "no further host is begun; this one may finish";
    ports.progress.warn(`${what} (Ctrl-C again cancels)`);
  };
  ports.signal.addEventListener("abort", tell, { once: true });
  try {
    return (await weighSteps(walk, (host) => stopBefore(host, walk))) ?? (await walkRounds(walk));
  } finally {
    ports.signal.removeEventListener("abort", tell);
  }
}

async function walkRounds(walk: Walk): Promise<Trouble | undefined> {
  let failed: Trouble | undefined;
  for (const [index, hosts] of walk.plan.rounds.entries()) {
    const stop = await stopBefore(hosts[0], walk);
    if (stop !== undefined) return failed ?? stop;
    const trouble = await switchRound(walk, hosts, index);
    if (trouble === undefined) continue;
    failed ??= trouble;
    // What is left runs what the database is no longer made for: it is better off with the new release, whoever fails.
    if (trouble.cause !== "failed" || index === 0 || !isPastReturn(walk)) return trouble;
  }
  return failed;
}

/** Brings the release to the hosts of a round; the first one is then watched for a while. */
async function switchRound(walk: Walk, hosts: Round<PlannedHost>, index: number): Promise<Trouble | undefined> {
  const { plan, intent, beganAt, ports } = walk;
  const verdicts = await carryOut(walk, {
    action: "deploy",
    hosts,
    title: (name) => `${verbs[plan.kind]} ${shortRevision(intent.revision)} on ${name}`,
    // With weights it has migrated before its first request.
    migrate: index === 0 && plan.weights === undefined ? plan.migrate : undefined,
    limitMs: beganAt + plan.environment.timeoutMs - ports.clock.now(),
  });
  const trouble = troubleOf(hosts, verdicts);
  if (trouble === undefined) return index === 0 ? watchFirst(walk, hosts[0]) : undefined;
  for (const [at, { id }] of hosts.entries())
    if (id !== trouble.host && isUntouched(verdicts[at])) walk.states.set(id, "untouched");
  return trouble;
}

/** Whether the first host runs the new release, and what migrates it has closed the way back for all of them. */
function isPastReturn({ plan, states }: Walk): boolean {
  const [first] = plan.hosts;
  return plan.noReturn.length > 0 && first !== undefined && states.get(first.id) === "new";
}

const verbs = { deploy: "Deploy", rollback: "Go back to" } as const;

/** Why this host must not be begun, looked at anew before each: undefined where nothing stands in the way. */
async function stopBefore(host: PlannedHost, { plan, beganAt, ports }: Walk): Promise<Trouble | undefined> {
  const { signal, detach, ledger, clock } = ports;
  const notBegun = (why: string): Trouble => ({
    cause: "failed",
    host: host.id,
    verdict: unreached("old", `was not begun: ${why}`),
  });
  let freeze: Freeze | undefined;
  try {
    // Going back is always allowed, and so is what brings nothing new.
    if (plan.bringsNew) freeze = await unlessAborted(detach, () => ledger.frozen(plan.environment.name));
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    if (!detach.aborted) return notBegun(error.message);
  }
  if (detach.aborted) return { cause: "left" };
  if (signal.aborted) return { cause: "interrupted" };
  if (freeze !== undefined) return { cause: "frozen", freeze };
  if (beganAt + plan.environment.timeoutMs - clock.now() < leastMs) return notBegun("the time is up");
  return undefined;
}

function isAhead(state: HostOutcome["state"] | undefined): boolean {
  return state === "new" || state === "both" || state === "unknown";
}

/** Those that were switched, or may have been, go back, all at once: what could not be told to is where it was. */
async function bringBack(walk: Walk, trouble: Trouble): Promise<void> {
  const { plan, beganAt, states, target, ports } = walk;
  const { timeoutMs } = plan.environment;
  // A busy host is at work on another deployment, which we have not touched.
  const busy = trouble.verdict?.code === hostCodes.busy.exit ? trouble.host : undefined;
  const hosts = plan.hosts.filter(({ id, stays }) => !stays && id !== busy && isAhead(states.get(id))).toReversed();
  if (hosts.length === 0) return;
  const leftMs = beganAt + rolloutMs(timeoutMs, target) - target.aftermathMs - ports.clock.now();
  // After the recorded deadline somebody else may be at work.
  if (leftMs < leastMs) return ports.progress.warn("no time is left to bring the hosts back");
  await carryOut(walk, {
    action: "restore",
    hosts,
    title: (name) => `Bring ${name} back`,
    migrate: undefined,
    limitMs: Math.min(restoreMs(timeoutMs), leftMs),
  });
}

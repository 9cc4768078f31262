import { shortRevision } from "../release/revision.ts";
import { carryOut, type Walk } from "./carry-out-round.ts";
import type { PlannedHost } from "./rollout-plan.ts";
import type { Member } from "./target.ts";
import { leastMs } from "./time-limits.ts";

/**
 * Hosts that were added while the release came to the others (autoscaling) get it in one last round, all at once; there is no
 * other after it. They are not what the deployment is judged by: one that does not come up is told, and takes nobody back.
 * Never rejects.
 */
export async function bringLate(walk: Walk): Promise<void> {
  const { plan, intent, beganAt, came, ports } = walk;
  const late = await lateHosts(walk);
  if (late.length === 0) return;
  const limitMs = beganAt + plan.environment.timeoutMs - ports.clock.now();
  const why = ports.signal.aborted ? "was interrupted" : limitMs < leastMs ? "had no time left" : undefined;
  const begun = late.filter(({ online }) => online && why === undefined);
  for (const { id, name, online } of late)
    if (!online || why !== undefined)
      came.push({ id, name, state: "untouched", says: online ? `was not begun: the deployment ${why}` : "is offline" });
  if (begun.length === 0) return;
  const title = (name: string): string => `Bring ${shortRevision(intent.revision)} to ${name}, which came meanwhile`;
  try {
    const verdicts = await carryOut(walk, {
      action: "deploy",
      hosts: begun.map((host) => planned(host, plan.hosts[0])),
      title,
      migrate: undefined,
      limitMs,
    });
    for (const [index, { id, name }] of begun.entries()) {
      const { end, state = "unknown", says = "" } = verdicts[index] ?? {};
      came.push({ id, name, state, says: end === "done" ? "" : says });
    }
  } catch (error) {
    const says = `was lost sight of: ${(error as Error).message}`;
    for (const { id, name } of begun) came.push({ id, name, state: walk.states.get(id) ?? "unknown", says });
  }
}

/** Those that are there now, and were not when it began. */
async function lateHosts({ plan, target, ports }: Walk): Promise<readonly Member[]> {
  if (ports.detach.aborted) return [];
  const known = new Set([...plan.hosts, ...plan.leftOut].map(({ id }) => id));
  try {
    return (await target.members()).filter(({ id }) => !known.has(id));
  } catch (error) {
    ports.progress.warn(
      `whether hosts came to ${plan.environment.name} meanwhile is not known: ${(error as Error).message}`,
    );
    return [];
  }
}

/** It is there for the first time, as far as we know: what it runs, if anything, makes room. */
function planned({ id, name }: Member, like: PlannedHost | undefined): PlannedHost {
  const hasGap = like?.hasGap ?? true;
  return { id, name, before: undefined, stays: false, hasGap, makesRoom: undefined, strangers: [] };
}

import type { Checked } from "../schedule/targets.ts";
import type { Task } from "../schedule/task.ts";
import type { Balancer, TargetGroup } from "./balancer.ts";

/** Health checks of targets, each in its own rhythm: nobody waits for one. */
export interface Probes {
  /** Begins those that are due. @param now epoch seconds */
  begin(tasks: readonly Task[], groups: readonly TargetGroup[], now: number): void;
  /** What has come of them since the last time. */
  take(): readonly Checked[];
}

export function openProbes({ check }: Pick<Balancer, "check">): Probes {
  const next = new Map<string, number>();
  let done: Checked[] = [];
  return {
    begin(tasks, groups, now) {
      const present = new Set<string>();
      for (const { group, key, address, task } of tasks.flatMap((one) => askedOf(one, groups))) {
        present.add(key);
        if ((next.get(key) ?? now) > now) continue;
        next.set(key, now + group.intervalSeconds);
        void check(group, address).then((passed) => done.push({ task, group: group.arn, passed }));
      }
      for (const key of next.keys()) if (!present.has(key)) next.delete(key);
    },
    take() {
      const taken = done;
      done = [];
      return taken;
    },
  };
}

/** Whoever leaves is asked no more. */
function askedOf({ id, targets = [], addresses = {} }: Task, groups: readonly TargetGroup[]) {
  return targets.flatMap(({ group: arn, port, state }) => {
    const group = groups.find((one) => one.arn === arn);
    const address = addresses[port];
    const isAsked = group !== undefined && address !== undefined && state !== "unused" && state !== "draining";
    return isAsked ? [{ group, address, task: id, key: `${id} ${arn}` }] : [];
  });
}

import { randomUUID } from "node:crypto";
import type { Balancer } from "./balance/balancer.ts";
import { openProbes } from "./balance/probes.ts";
import { type EcsParts, lastPart, seconds } from "./parts.ts";
import { advancedOf } from "./load-balancers.ts";
import { say } from "./schedule/service.ts";
import { alternateShare } from "./schedule/shift.ts";
import { type Moved, moveTargets } from "./schedule/targets.ts";
import type { Task } from "./schedule/task.ts";
import { at } from "./state.ts";

/** Brings tasks into target groups and out of them, and the load balancer to what these say. */
export function attendTargets(
  parts: EcsParts,
  balancer: Balancer,
  report: (line: string) => void,
): () => Promise<void> {
  const probes = openProbes(balancer);
  return async () => {
    const { targetGroups: groups, store } = parts;
    if (groups.length === 0) return;
    const now = seconds(parts);
    const checks = probes.take();
    const moved = (): readonly Moved[] =>
      Object.values(store.state.tasks).flatMap((task) => moveTargets(task, { groups, checks, now }) ?? []);
    if (moved().length > 0)
      await store.update((state) => {
        // Of the state as it is now: requests may have changed it meanwhile.
        for (const { task, said } of moved()) {
          state.tasks[task.id] = task;
          const key = `${task.cluster}/${lastPart(task.group.replace("service:", ""))}`;
          const service = at(state.services, key);
          if (service === undefined) continue;
          const moment = { now, mint: () => randomUUID(), red: [] };
          state.services[key] = said.reduce((result, text) => say(result, text, moment), service);
        }
      });
    const tasks = Object.values(store.state.tasks);
    for (const group of groups)
      await balancer
        .send(
          group,
          tasks.flatMap((task) => placesIn(group.arn, task)),
        )
        .catch((error: unknown) => report(`ecs: ${String(error)}`));
    await shiftRequests(parts, balancer).catch((error: unknown) => report(`ecs: ${String(error)}`));
    probes.begin(tasks, groups, now);
  };
}

/** Rules that no service names keep what they were told last. */
async function shiftRequests({ listenerRules, store }: EcsParts, balancer: Balancer): Promise<void> {
  for (const service of Object.values(store.state.services)) {
    const { production, test } = alternateShare(service);
    for (const { productionListenerRule, testListenerRule } of advancedOf(service)) {
      const shares = [
        [productionListenerRule, production],
        [testListenerRule, test],
      ] as const;
      for (const [arn, percent] of shares) {
        const rule = listenerRules.find((one) => one.arn === arn);
        if (rule !== undefined && service.status === "ACTIVE") await balancer.split(rule, percent);
      }
    }
  }
}

function placesIn(arn: string, { targets = [], addresses = {} }: Task) {
  return targets.flatMap(({ group, port, state }) => {
    const address = addresses[port];
    const isThere = group === arn && address !== undefined && (state === "healthy" || state === "draining");
    return isThere ? [{ address, takes: state === "healthy" }] : [];
  });
}

import { openJsonStore, type StateDir, stateFile } from "../json-store.ts";
import type { JsonService } from "../protocol.ts";
import { ecsAccesses } from "./accesses.ts";
import type { Balancer } from "./balance/balancer.ts";
import { attend } from "./attend.ts";
import { attendTargets } from "./attend-targets.ts";
import { clusterOperations } from "./cluster-operations.ts";
import { definitionOperations } from "./definition-operations.ts";
import type { EcsParts } from "./parts.ts";
import { instanceOperations } from "./instance-operations.ts";
import { rolloutOperations } from "./rollout-operations.ts";
import type { TaskRunner } from "./runner.ts";
import { serviceOperations } from "./service-operations.ts";
import { emptyState, type EcsState } from "./state.ts";
import { taskOperations } from "./task-operations.ts";

export interface EcsSettings {
  /** Kept in `<stateDir>/ecs.json`. */
  readonly stateDir: StateDir;
  readonly account: string;
  readonly region: string;
  /** Milliseconds. */
  readonly now: () => number;
  readonly runner: TaskRunner;
  readonly settings: EcsParts["settings"];
  /** What clusters have for their tasks; none where tasks run nowhere. */
  readonly machines?: EcsParts["machines"];
  /** What stands in front of services, and for which target groups. */
  readonly balancer?: Balancer;
  readonly targetGroups?: EcsParts["targetGroups"];
  readonly listenerRules?: EcsParts["listenerRules"];
  readonly report: (line: string) => void;
}

export interface Ecs {
  readonly service: JsonService;
  /** One look of the scheduler; whoever puts the server together makes one each second. Looks never overlap. */
  tick(): Promise<void>;
}

/** ECS as a release needs it: task definitions, services and how they change, tasks (API reference, 2014-11-13). */
export async function createEcs(wanted: EcsSettings): Promise<Ecs> {
  const { stateDir, account, region, now, runner, settings, machines = async () => [], report } = wanted;
  const { balancer, targetGroups = [], listenerRules = [] } = wanted;
  const store = await openJsonStore<EcsState>(stateFile(stateDir, "ecs.json"), emptyState);
  const parts: EcsParts = { account, region, store, now, settings, machines, targetGroups, listenerRules };
  const balance = balancer === undefined ? async () => {} : attendTargets(parts, balancer, report);
  const attendance = attend(parts, runner, balance);
  let looking: Promise<void> | undefined;
  const tick = (): Promise<void> =>
    (looking ??= attendance
      .tick()
      .catch((error: unknown) => report(`ecs: ${String(error)}`))
      .finally(() => {
        looking = undefined;
      }));
  return {
    service: {
      target: "AmazonEC2ContainerServiceV20141113",
      operations: {
        ...definitionOperations(parts),
        ...clusterOperations(parts),
        ...instanceOperations(parts),
        ...serviceOperations(parts),
        ...rolloutOperations(parts),
        ...taskOperations(parts, () => void tick()),
      },
      accesses: ecsAccesses(parts),
    },
    tick,
  };
}

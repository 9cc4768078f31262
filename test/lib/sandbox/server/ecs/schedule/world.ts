import { advance } from "../../../../../../src/lib/sandbox/server/ecs/schedule/advance.ts";
import { deploy, scale } from "../../../../../../src/lib/sandbox/server/ecs/schedule/change.ts";
import type { DeploymentConfiguration } from "../../../../../../src/lib/sandbox/server/ecs/schedule/configuration.ts";
import {
  type Moment,
  primaryOf,
  type Service,
  type ServiceDeployment,
} from "../../../../../../src/lib/sandbox/server/ecs/schedule/service.ts";
import { isAlive, isHealthy, type Task } from "../../../../../../src/lib/sandbox/server/ecs/schedule/task.ts";

/** What becomes of tasks: seconds after their start, and never where it is not said. */
export interface Fate {
  readonly runs?: number;
  readonly healthy?: number;
  readonly unhealthy?: number;
  readonly ends?: number;
  /** How long it takes to end once it is told to. */
  readonly stops?: number;
}

export const well: Fate = { runs: 3, healthy: 5, stops: 2 };
export const cannotStart: Fate = { ends: 2, stops: 1 };
export const neverHealthy: Fate = { runs: 2, unhealthy: 6, stops: 2 };

const usual: DeploymentConfiguration = {
  strategy: "ROLLING",
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  deploymentCircuitBreaker: { enable: true, rollback: true },
};

/** A service with tasks that fare as their definitions are told to, and a clock that is turned by hand. */
export function world(
  desired: number,
  wanted: { readonly configuration?: Partial<DeploymentConfiguration>; readonly checked?: boolean } = {},
) {
  const fates = new Map<string, Fate>();
  const checked = wanted.checked ?? true;
  let tasks: readonly Task[] = [];
  let [now, ids] = [1_000_000, 0];
  let red: readonly string[] = [];
  let service: Service = {
    name: "web",
    cluster: "main",
    status: "ACTIVE",
    desiredCount: desired,
    launchType: "FARGATE",
    createdAt: now,
    createdBy: "arn",
    graceSeconds: 0,
    configuration: { ...usual, ...wanted.configuration },
    settings: {},
    tags: [],
    deployments: [],
    revisions: [],
    history: [],
    events: [],
    steady: false,
  };
  const moment = (): Moment => ({ now, mint: () => String((ids += 1)), red });
  const live = (task: Task): Task => {
    const fate = fates.get(task.definition) ?? well;
    const age = now - task.createdAt;
    const since = (seconds: number | undefined): boolean => seconds !== undefined && age >= seconds;
    if (!isAlive(task)) return task;
    if (task.desiredStatus === "STOPPED")
      return now - (task.stoppingAt ?? now) >= (fate.stops ?? 0)
        ? { ...task, lastStatus: "STOPPED", stoppedAt: now }
        : task;
    if (since(fate.ends))
      return {
        ...task,
        desiredStatus: "STOPPED",
        lastStatus: "STOPPED",
        stoppedAt: now,
        stopCode: "EssentialContainerExited",
      };
    const runs = since(fate.runs) ? { lastStatus: "RUNNING" as const, startedAt: task.startedAt ?? now } : {};
    const health = since(fate.unhealthy) ? "UNHEALTHY" : since(fate.healthy) ? "HEALTHY" : "UNKNOWN";
    return { ...task, ...runs, healthStatus: checked ? health : "UNKNOWN" };
  };
  const tick = (): void => {
    now += 1;
    tasks = tasks.map(live);
    const { service: next, starts, changed } = advance(service, tasks, moment());
    service = next;
    const news = new Map(changed.map((one) => [one.id, one]));
    const born = starts.map(({ id, deployment, definition }) => newTask(id, { deployment, definition, now, checked }));
    tasks = [...tasks.map((one) => news.get(one.id) ?? one), ...born];
  };
  const of = (definition: string) => tasks.filter((task) => task.definition === definition);
  return {
    /** As UpdateService does. */
    deploy(definition: string, fate: Fate = well): ServiceDeployment {
      fates.set(definition, fate);
      const n = String((ids += 1));
      const names = { deployment: `ecs-svc/${n}`, revision: `r${n}`, serviceDeployment: `sd${n}` };
      service = deploy(service, { definition, ids: names, tasks }, { now, red });
      return service.history[0] as ServiceDeployment;
    },
    tick,
    /** Until something is so, for a day of its own time at most. @returns the seconds that it took */
    until(holds: () => boolean): number {
      const start = now;
      while (!holds()) {
        if (now - start > 86_400) throw new Error(`not within a day: ${JSON.stringify(service, null, 1)}`);
        tick();
      }
      return now - start;
    },
    pass(seconds: number): void {
      for (let n = 0; n < seconds; n += 1) tick();
    },
    change(change: (service: Service) => Service): void {
      service = change(service);
    },
    scale: (count: number) => void (service = scale(service, count)),
    fare: (definition: string, fate: Fate) => void fates.set(definition, fate),
    alarm: (...names: readonly string[]) => void (red = names),
    get service() {
      return service;
    },
    get tasks() {
      return tasks;
    },
    get primary() {
      return primaryOf(service);
    },
    alive: (definition?: string) => (definition === undefined ? tasks : of(definition)).filter(isAlive).length,
    healthy: (definition?: string) =>
      (definition === undefined ? tasks : of(definition)).filter((task) => isHealthy(task, now)).length,
    history: (id: string) => service.history.find((one) => one.id === id),
    events: () => service.events.map(({ message }) => message),
  };
}

export type World = ReturnType<typeof world>;

function newTask(
  id: string,
  { deployment, definition, now, checked }: { deployment: string; definition: string; now: number; checked: boolean },
): Task {
  return {
    id,
    cluster: "main",
    definition,
    group: "service:web",
    startedBy: deployment,
    launchType: "FARGATE",
    desiredStatus: "RUNNING",
    lastStatus: "PROVISIONING",
    healthStatus: "UNKNOWN",
    checked,
    createdAt: now,
    containers: [],
    overrides: {},
    tags: [],
    enableExecuteCommand: false,
  };
}

import type { Container } from "../../compose/containers.ts";
import type { Compose } from "../../compose/docker-compose.ts";
import { isProjectName } from "../../compose/project-name.ts";
import type { LabelledStack } from "../../compose/stale.ts";
import type { Config } from "../../config/config.ts";
import type { Next } from "../../errors/next.ts";

export interface SmokeStack {
  /** Its compose project. */
  readonly project: string;
  readonly startedAt: string;
  /** working: its run is still at it. kept: by --keep. left: its run was killed. */
  readonly state: "working" | "kept" | "left";
  readonly services: readonly SmokeService[];
  /** Where its entry answers; null where nothing is published. */
  readonly url: string | null;
}

export interface SmokeService {
  readonly service: string;
  /** As docker says it: running, exited … */
  readonly status: Container["status"];
  readonly health: Container["health"];
  /** Null while it runs. */
  readonly exitCode: number | null;
}

/** The application's smoke stacks that are on this machine. */
export interface SmokeListResult extends Next {
  readonly outcome: "listed";
  readonly stacks: readonly SmokeStack[];
}

export interface StacksPorts {
  readonly config: Pick<Config, "app">;
  readonly compose: Pick<Compose, "stacks" | "containers" | "host">;
  readonly alive: (owner: string) => boolean;
  readonly signal: AbortSignal;
}

/** Shows the application's smoke stacks on this machine: which are kept, which a killed run has left. */
export async function listSmoke(ports: StacksPorts): Promise<SmokeListResult> {
  const stacks = await Promise.all((await smokeStacks(ports)).map((stack) => shown(stack, ports)));
  const next = [
    ...(stacks.some(({ state }) => state === "kept") ? ["threads smoke down"] : []),
    ...(stacks.some(({ state }) => state === "left") ? ["threads prune"] : []),
  ];
  return { outcome: "listed", stacks, next, advice: [] };
}

/** Each once, oldest first: containers and networks of it have the same labels. */
export async function smokeStacks({ config, compose, signal }: Omit<StacksPorts, "alive">): Promise<LabelledStack[]> {
  const all = (await compose.stacks(signal)).filter(
    ({ kind, project }) =>
      kind === "smoke" && isProjectName(project, "smoke") && project.startsWith(`${config.app}-smoke-`),
  );
  const each = [...new Map(all.map((stack) => [stack.project, stack])).values()];
  return each.toSorted((one, other) => one.started - other.started);
}

export function stateOf({ owner, kept }: LabelledStack, alive: StacksPorts["alive"]): SmokeStack["state"] {
  if (alive(owner)) return "working";
  return kept ? "kept" : "left";
}

async function shown(stack: LabelledStack, { compose, alive, signal }: StacksPorts): Promise<SmokeStack> {
  const containers = await compose.containers(stack.project, signal);
  const [port] = containers.flatMap(({ ports }) => Object.values(ports));
  return {
    project: stack.project,
    startedAt: new Date(stack.started * 1000).toISOString(),
    state: stateOf(stack, alive),
    services: containers
      .map(({ service, status, health, exitCode }) => ({
        service,
        status,
        health,
        exitCode: status === "running" ? null : exitCode,
      }))
      .toSorted((one, other) => (one.service < other.service ? -1 : 1)),
    url: port === undefined ? null : `http://${compose.host}:${port}`,
  };
}

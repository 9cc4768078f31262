import { ecsName } from "../config/ecs-names.ts";
import { reportOf, type Report } from "./report.ts";
import type { ContainerDefinition, Dependency } from "./task-definition.ts";
import type { WrittenService } from "./written-service.ts";

const conditions: Readonly<Record<string, Dependency["condition"]>> = {
  service_started: "START",
  service_healthy: "HEALTHY",
  service_completed_successfully: "SUCCESS",
};

interface Task {
  /** Services of the compose file that are its containers. */
  readonly services: Readonly<Record<string, WrittenService>>;
  readonly containers: readonly ContainerDefinition[];
}

/**
 * Containers of a task with what each waits for. ECS knows order within one task only; what waited on a host for a service that is
 * now another task waits no more.
 */
export function withDependencies({ services, containers }: Task, report: Report): ContainerDefinition[] {
  const written = new Map(
    Object.entries(services).map(([name, service]) => [name, needsOf(name, service, services, report)]),
  );
  const waits = withFront(written, { services, containers });
  const healthOf = (name: string): boolean =>
    containers.find((one) => one.name === ecsName(name))?.healthCheck !== undefined;
  return containers.map((container) => {
    const name = Object.keys(services).find((one) => ecsName(one) === container.name) ?? container.name;
    const dependsOn = [...(waits.get(name) ?? [])].map(([other, condition]): Dependency => {
      if (condition === "HEALTHY" && !healthOf(other))
        reportOf(name, report).refuse(
          `waits until ${other} is healthy, which has no health check that ECS could make: give it one, or wait for its start`,
        );
      return { containerName: ecsName(other), condition };
    });
    return dependsOn.length === 0 ? container : { ...container, dependsOn };
  });
}

type Needs = ReadonlyMap<string, Dependency["condition"]>;

function needsOf(
  name: string,
  { depends_on: needs = {} }: WrittenService,
  services: Task["services"],
  report: Report,
): Needs {
  const { refuse, note } = reportOf(name, report);
  return new Map(
    Object.entries(needs).flatMap(([other, { condition = "service_started" }]) => {
      const found = conditions[condition];
      if (services[other] !== undefined && found !== undefined) return [[other, found] as const];
      if (condition === "service_completed_successfully")
        refuse(
          `waits for ${other} to end, which is another task: make them containers of one, or name it as runtime.migrate`,
        );
      else note(`waits for ${other} on a host; on ECS that is another task, and both start at once`);
      return [];
    }),
  );
}

/** What has ports comes last where the file says nothing: nobody is to be sent there before the others of its task can answer. */
function withFront(written: ReadonlyMap<string, Needs>, { services, containers }: Task): ReadonlyMap<string, Needs> {
  const fronts = Object.keys(services).filter((name) => (services[name]?.ports ?? []).length > 0);
  const [front, ...more] = fronts;
  if (front === undefined || more.length > 0) return written;
  const own = new Map(written.get(front));
  for (const name of Object.keys(services)) {
    if (name === front || own.has(name) || reaches(name, front, written)) continue;
    const container = containers.find((one) => one.name === ecsName(name));
    own.set(name, container === undefined ? "START" : readyBy(container));
  }
  return new Map([...written, [front, own]]);
}

/** What ends has done its part then, and is never well again. */
function readyBy({ essential, healthCheck }: ContainerDefinition): Dependency["condition"] {
  if (!essential) return "SUCCESS";
  return healthCheck === undefined ? "START" : "HEALTHY";
}

function reaches(from: string, goal: string, needs: ReadonlyMap<string, Needs>, seen = new Set<string>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  return [...(needs.get(from)?.keys() ?? [])].some((next) => next === goal || reaches(next, goal, needs, seen));
}

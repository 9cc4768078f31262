import { createHash } from "node:crypto";
import type { ServiceSettings, TaskDefinition } from "../ecs/task-definition.ts";
import type { Task } from "../ecs/translate.ts";
import type { MemberOrder } from "../fleet/target.ts";
import type { RecordedRelease } from "../ledger/ledger.ts";
import type { Application } from "./application.ts";
import { printReference } from "../image/reference.ts";
import { shortRevision } from "../release/revision.ts";
import { list } from "../text/words.ts";
import { contentTag, type Definition, findDefinition } from "./definitions.ts";
import type { OrderPorts } from "./order-ports.ts";
import { haveRun } from "./evidence.ts";
import { isOf } from "./register.ts";
import type { SeenService } from "./services.ts";

/** What a service, or a task that is run once, is to be. */
export interface Wanted {
  /** Of the service; undefined for what is run once. */
  readonly service: string | undefined;
  /** Names of the containers, as compose has them. */
  readonly containers: readonly string[];
  /** ARN, where it is registered already. */
  readonly definition: string | undefined;
  /** What is to be registered; undefined where only what is there is gone back to. */
  readonly register: TaskDefinition | undefined;
  /** What a service is made with where there is none. */
  readonly settings: ServiceSettings | undefined;
}

/** What an order wants, or why that cannot be: sentences. */
export type Found = { readonly wanted: readonly Wanted[] } | { readonly problems: readonly string[] };

/** Nothing is registered or changed. @param seen the services that are there */
export async function findWanted(order: MemberOrder, seen: readonly SeenService[], ports: OrderPorts): Promise<Found> {
  const { translated, environment } = ports;
  if (translated === undefined || order.asItWas) return findKept(order, seen, ports);
  const tasks = await translated(environment.name, order.intent);
  const wanted = await Promise.all(tasks.map((task) => fromTask(task, ports)));
  const named = new Set(wanted.map(({ service }) => service));
  const problems = seen
    .filter(({ name, desired }) => desired > 0 && !named.has(name))
    .map((one) => leftOver(one, order.intent, ports));
  return problems.length > 0 ? { problems } : { wanted };
}

async function fromTask({ taskDefinition, service }: Task, ports: OrderPorts): Promise<Wanted> {
  const register = withContent(taskDefinition);
  const found = await findDefinition(register.family, isOf(register), { ...ports, most: 10 });
  return {
    service: service?.serviceName,
    containers: taskDefinition.containerDefinitions.map(({ name }) => calledInCompose(name, ports)),
    definition: found?.arn,
    register,
    settings: service ?? undefined,
  };
}

function calledInCompose(name: string, { application }: Pick<OrderPorts, "application">): string {
  return application.composeNames.get(name) ?? name;
}

/**
 * What has run there before is still registered: it is found by its bundle, and taken only with the images of the release, and only
 * where ECS itself tells that it has run. */
async function findKept({ intent }: MemberOrder, seen: readonly SeenService[], ports: OrderPorts): Promise<Found> {
  const { read, registryHost } = ports;
  const pins = new Set(Object.values(intent.images).map((pin) => printReference({ host: registryHost, ...pin })));
  const isOurs = (one: Definition): boolean =>
    one.isActive && one.bundle === intent.bundle.digest && one.containers.every(({ image }) => pins.has(image));
  const problems: string[] = [];
  const wanted: Wanted[] = [];
  const there = new Set<string>();
  for (const service of seen) {
    const { release, before } = service.marks;
    const near = [service.definition, release?.definition, before === "none" ? undefined : before?.definition];
    const known = await Promise.all([...new Set(near)].flatMap((arn) => (arn === undefined ? [] : [read(arn)])));
    const names = known.flatMap(({ containers }) => containers.map(({ name }) => calledInCompose(name, ports)));
    for (const name of names) there.add(name);
    const families = [...new Set(known.map(({ family }) => family))];
    const ran = await haveRun(service, ports);
    const isKept = (one: Definition): boolean => isOurs(one) && ran.has(one.arn);
    const found = known.find(isKept) ?? (await firstOf(families, (family) => findDefinition(family, isKept, ports)));
    if (found !== undefined)
      wanted.push({
        service: service.name,
        containers: found.containers.map(({ name }) => calledInCompose(name, ports)),
        definition: found.arn,
        register: undefined,
        settings: undefined,
      });
    else if (service.desired > 0)
      problems.push(
        names.some((name) => intent.images[name] !== undefined)
          ? withoutDefinition(service, families, intent, ports)
          : leftOver(service, intent, ports),
      );
  }
  problems.push(...goneSince(there, intent, ports));
  return problems.length > 0 ? { problems } : { wanted };
}

/** Somebody has deregistered it, or ECS does not remember that it ran. */
function withoutDefinition(
  { name }: SeenService,
  families: readonly string[],
  { revision }: RecordedRelease,
  { application }: OrderPorts,
): string {
  return `${name} has no task definition of ${shortRevision(revision)} with its images any more that it has run, by ECS's own record (looked at the newest of ${list(families)}): ${anew(revision, application)} registers it again`;
}

/** A way back makes no service: what is gone only a deployment brings again. */
function goneSince(there: ReadonlySet<string>, { images, revision }: RecordedRelease, ports: OrderPorts): string[] {
  const { application, config } = ports;
  // What migrates is run once, by no service.
  const gone = config.services.filter(
    (service) => service !== config.runtime.migrate && images[service] !== undefined && !there.has(service),
  );
  if (gone.length === 0) return [];
  const are = gone.length === 1 ? "is" : "are";
  return [
    `${list(gone)} of ${shortRevision(revision)} ${are} not there any more: ${anew(revision, application)} makes it again`,
  ];
}

function anew(revision: string, { environment }: Pick<Application, "environment">): string {
  return `threads deploy -e ${environment} ${revision} --allow-older`;
}

async function firstOf<T, R>(all: readonly T[], find: (one: T) => Promise<R | undefined>): Promise<R | undefined> {
  for (const one of all) {
    const found = await find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function leftOver(
  { name }: Pick<SeenService, "name">,
  { revision }: Pick<RecordedRelease, "revision">,
  { application }: Pick<OrderPorts, "application">,
): string {
  return `${name} runs there, and ${shortRevision(revision)} has no such task: aws ecs update-service --cluster ${application.cluster} --service ${name} --desired-count 0`;
}

/** Of all but its tags: the same is registered once. */
function contentOf(definition: TaskDefinition): string {
  const told = JSON.stringify({ ...definition, tags: undefined });
  return `sha256:${createHash("sha256").update(told).digest("hex")}`;
}

function withContent(definition: TaskDefinition): TaskDefinition {
  return { ...definition, tags: [...definition.tags, { key: contentTag, value: contentOf(definition) }] };
}

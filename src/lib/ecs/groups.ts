import type { EcsTaskConfig } from "../config/config.ts";
import { suggest } from "../config/suggest.ts";
import { list } from "../text/words.ts";
import { type EcsFacts, taskKey } from "./facts.ts";
import { isElsewhere } from "./facts-of.ts";
import { type Report, reportOf } from "./report.ts";

/** Containers that are one task. */
export interface Group {
  /** The task's name in threads.yml; a service's own where nobody has named one. */
  readonly name: string;
  /** Services of the compose file. */
  readonly members: readonly string[];
  /** service: ECS keeps it running. one-off: it is run once a deployment, before anything is switched. */
  readonly kind: "service" | "one-off";
  readonly config: EcsTaskConfig;
}

/** What a task is where threads.yml says nothing of it: the smallest that Fargate has. */
const smallest: EcsTaskConfig = { cpu: 256, memory: 512 };

/** Every service of the model in one task: those that threads.yml puts together, and each other alone. */
export function groupsOf(facts: EcsFacts, report: Report): Group[] {
  const { ecs, model, migrate } = facts;
  const all = Object.keys(model.services);
  const named = Object.entries(ecs.services).map(([name, config]): Group => {
    const { containers = [name] } = config;
    for (const container of containers.filter((one) => !all.includes(one)))
      report.problems.push({ says: unknown(taskKey(facts, name), container, all) });
    return { name, members: containers.filter((one) => all.includes(one)), kind: kindOf(containers, migrate), config };
  });
  const placed = new Set(named.flatMap(({ members }) => members));
  const left = all.filter((name) => !placed.has(name));
  for (const name of left.filter((one) => one !== migrate && isElsewhere(one, facts)))
    reportOf(name, report).refuse(
      `is not built here, and as a task of its own it has no name by which others find it: leave it out and use a service outside, or say in environments.${facts.environment}.ecs.services to which task it belongs`,
    );
  const alone = left.map((name): Group => ({ name, members: [name], kind: kindOf([name], migrate), config: smallest }));
  const groups = [...named.filter(({ members }) => members.length > 0), ...alone];
  for (const group of groups) judge(group, facts, report);
  return groups;
}

function kindOf(containers: readonly string[], migrate: string | undefined): Group["kind"] {
  return containers.some((name) => name === migrate) ? "one-off" : "service";
}

function unknown(key: string, name: string, all: readonly string[]): string {
  const meant = suggest(name, all);
  return `${key} names ${name}, which is no service of the compose file: ${meant === undefined ? `it has ${list(all)}` : `did you mean ${meant}?`}`;
}

function judge({ name, members, kind, config }: Group, facts: EcsFacts, { problems }: Report): void {
  const singles = members.filter((one) => facts.singletons.includes(one));
  const others = members.filter((one) => !singles.includes(one));
  const key = taskKey(facts, name);
  if (kind === "one-off" && members.length > 1)
    problems.push({
      says: `${key} puts the migration with ${list(members.filter((one) => one !== facts.migrate))}: it runs once, and by itself`,
    });
  if (singles.length > 0 && others.length > 0)
    problems.push({
      says: `${key} puts ${list(singles)}, of which there is one (runtime.singletons), with ${list(others)}: give it a task of its own`,
    });
  if (singles.length > 0 && (config.desired ?? 1) > 1)
    problems.push({
      says: `${key}.desired is ${String(config.desired)}, and of ${list(singles)} there is one (runtime.singletons)`,
    });
  if (singles.length > 0 && config.targetGroup !== undefined)
    problems.push({
      says: `${key} has a target group, and ${list(singles)} stops before the next one starts: people would see it`,
    });
  if (kind === "service") return;
  if (config.targetGroup !== undefined)
    problems.push({ says: `${key} has a target group, and the migration answers nobody` });
  for (const own of ["desired", "port", "grace"] as const)
    if (config[own] !== undefined)
      problems.push({ says: `${key}.${own} is for a service, and the migration is none: take it away` });
}

import type { ContainerDefinition as LiveContainer, TaskDefinition as LiveDefinition } from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "../task-definition.ts";
import { withoutContainerDefaults, withoutTaskDefaults } from "./defaults.ts";
import { leavesOf } from "./leaves.ts";

/** A field in which what runs is not what the release has. */
export interface DefinitionDifference {
  /** Null for the task as a whole. */
  readonly container: string | null;
  /** `image`, `environment.WORKERS`, `healthCheck.interval`; `container` where one of the two has none of that name. */
  readonly field: string;
  /** What runs there; null where it has nothing. Values that somebody has put there are not shown. */
  readonly runs: string | null;
  /** What the release has; null where it has nothing. */
  readonly release: string | null;
}

/** What says which release it is, or is the registration's own. */
const notCompared = new Set([
  "family",
  "containerDefinitions",
  "tags",
  "taskDefinitionArn",
  "revision",
  "status",
  "requiresAttributes",
  "compatibilities",
  "registeredAt",
  "registeredBy",
  "deregisteredAt",
  "deleteRequestedAt",
]);

/** Field by field, images first. What ECS fills in by itself is no difference, nor is an order that says nothing. */
export function compareDefinitions(runs: LiveDefinition, release: TaskDefinition): readonly DefinitionDifference[] {
  const pair = {
    runs: runs.containerDefinitions ?? [],
    release: release.containerDefinitions as readonly LiveContainer[],
  };
  const names = [...new Set([...pair.release, ...pair.runs].map(({ name = "" }) => name))];
  const found = [
    ...differences(null, withoutTaskDefaults(taskLeaves(runs)), withoutTaskDefaults(taskLeaves(release))),
    ...names.flatMap((name) => {
      const [there, wanted] = [pair.runs, pair.release].map((all) => all.find((one) => one.name === name));
      if (there === undefined || wanted === undefined) return [wholeContainer(name, there, wanted)];
      return differences(name, containerLeaves(there), containerLeaves(wanted));
    }),
  ];
  const rank = ({ field }: DefinitionDifference): number => (field === "image" ? 0 : field === "container" ? 1 : 2);
  return found.toSorted((one, other) => rank(one) - rank(other));
}

function taskLeaves(definition: object): ReadonlyMap<string, string> {
  return leavesOf(Object.fromEntries(Object.entries(definition).filter(([key]) => !notCompared.has(key))));
}

function containerLeaves(container: LiveContainer): ReadonlyMap<string, string> {
  return withoutContainerDefaults(leavesOf({ ...container, name: undefined }));
}

function wholeContainer(
  container: string,
  there: LiveContainer | undefined,
  wanted: LiveContainer | undefined,
): DefinitionDifference {
  return { container, field: "container", runs: there?.image ?? null, release: wanted?.image ?? null };
}

function differences(
  container: string | null,
  runs: ReadonlyMap<string, string>,
  release: ReadonlyMap<string, string>,
): readonly DefinitionDifference[] {
  const paths = [...new Set([...release.keys(), ...runs.keys()])].toSorted();
  return paths.flatMap((field) => {
    const [there, wanted] = [runs.get(field) ?? null, release.get(field) ?? null];
    return there === wanted ? [] : [{ container, field, runs: shown(field, there, wanted), release: wanted }];
  });
}

/** What somebody has written into a definition may be a password; what threads writes never is. */
function shown(field: string, there: string | null, wanted: string | null): string | null {
  const isOpen = !/^environment\.|^logConfiguration\.options\.(?!awslogs-)/.test(field);
  if (there === null || isOpen) return there;
  return wanted === null ? "a value" : "another value";
}

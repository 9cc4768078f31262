import type { Next } from "../../errors/next.ts";
import type { DefinitionDifference } from "../../ecs/diff/compare.ts";
import type { Task } from "../../ecs/translate.ts";

/** What ECS is told of a release. */
export interface EcsRenderResult extends Next {
  readonly outcome: "rendered";
  readonly environment: string;
  /** Full sha of the release. */
  readonly revision: string;
  /** Digest of the bundle that it was read from. */
  readonly bundle: string;
  /** Which release this is, and why. */
  readonly says: string;
  /** Task definitions as RegisterTaskDefinition takes them, each with its service. */
  readonly tasks: readonly Task[];
  /** What is otherwise on ECS than on a host, a sentence each. */
  readonly notes: readonly string[];
}

/** What ECS would be told of a release, beside what its services run (`--diff`). */
export interface EcsDiffResult extends Omit<EcsRenderResult, "outcome" | "tasks"> {
  /** absent: nothing differs, but a service is not there yet. */
  readonly outcome: "same" | "different" | "absent";
  /** Name or ARN. */
  readonly cluster: string;
  readonly tasks: readonly EcsTaskDiff[];
}

export interface EcsTaskDiff {
  readonly task: string;
  /** Name of its service; null where it is run once a deployment. */
  readonly service: string | null;
  /** absent: the service is not there. one-off: no service runs it, so that there is nothing to compare. */
  readonly is: "same" | "different" | "absent" | "one-off";
  /** ARN of the task definition that the service runs; null where none does. */
  readonly runs: string | null;
  /** Whether that was deregistered meanwhile: it runs, and cannot be deployed again; null where there is none. */
  readonly isInactive: boolean | null;
  readonly differences: readonly DefinitionDifference[];
}

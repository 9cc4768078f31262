import type { Next } from "../../errors/next.ts";
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

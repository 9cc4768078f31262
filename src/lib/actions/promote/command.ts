import { quote } from "../../script/shell-words.ts";
import type { Gate } from "../../gates/result.ts";
import type { PromotePlan } from "./plan.ts";

/** All that decides what a promotion does. */
export interface TypedPromotion {
  /** Full sha. */
  readonly revision: string;
  readonly environment: string;
  /** What the tags say: a version, if there is one, before the environment's own. */
  readonly labels: readonly string[];
  /** Those with a reason are opened by somebody. */
  readonly gates: readonly Pick<Gate, "gate" | "reason">[];
  /** Test although evidence is there. */
  readonly repeatSmoke?: boolean;
}

/** A promotion as it is typed, fit for a shell. */
export function promoteCommand(typed: TypedPromotion): string {
  const { revision, environment, labels, gates, repeatSmoke = false } = typed;
  const version = labels.length > 1 ? labels[0] : undefined;
  const opened = gates.filter(({ reason }) => reason !== null);
  return [
    `threads promote ${revision} -e ${environment}`,
    ...(version === undefined ? [] : [`--as ${version}`]),
    ...(repeatSmoke ? ["--repeat-smoke"] : []),
    ...opened.map(({ gate }) => `--override ${gate}`),
    ...opened.slice(0, 1).map(({ reason }) => `--reason ${quote(reason ?? "")}`),
  ].join(" ");
}

/** The promotion as it was typed, but for the release, which is the one that it meant then. */
export function commandOf({ target, gates }: Pick<PromotePlan, "target" | "gates">): string {
  const { environment, labels, resolved, repeatSmoke } = target;
  const { revision } = resolved.published.release;
  return promoteCommand({ revision, environment: environment.name, labels, gates, repeatSmoke });
}

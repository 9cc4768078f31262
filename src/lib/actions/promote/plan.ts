import { isShut, judgeGates } from "../../gates/judge.ts";
import type { Gate } from "../../gates/result.ts";
import { imageGone } from "../../registry/image-gone.ts";
import { tagConflict } from "../../registry/read-back.ts";
import type { PromotionFacts, TargetState } from "./look.ts";
import type { PromotionTarget, TagTarget } from "./target.ts";

export interface PromotePlan {
  readonly target: PromotionTarget;
  readonly facts: PromotionFacts;
  readonly images: readonly PlannedTags[];
  /** Comes last, and its environment's tag last of all: that is what promotes the release. */
  readonly bundle: PlannedTags;
  readonly gates: readonly Gate[];
  /** Run the production smoke first. */
  readonly smoke: boolean;
  /** Nothing is left to do. */
  readonly done: boolean;
}

export interface PlannedTags extends TagTarget {
  /** Tags that are not there yet, in the order in which they are given. */
  readonly create: readonly string[];
}

/**
 * Decides everything before anything is written: one conflict among the targets, and nothing is touched. Pure: the same
 * facts give the same plan, and the facts after carrying it out give a plan with nothing to do.
 * @throws ThreadsError IMAGE_GONE, TAG_CONFLICT
 */
export function planPromote(target: PromotionTarget, facts: PromotionFacts): PromotePlan {
  const images = facts.images.map(planned);
  const bundle = planned(facts.bundle);
  const gates = judgeGates(facts.gates, target.overrides);
  const isMissing = gates.some(({ gate, state }) => gate === "smoke" && state === "missing");
  // Tags alone prove nothing: without its record the promotion is not done.
  const done = facts.isRecorded && [...images, bundle].every(({ create }) => create.length === 0);
  return { target, facts, images, bundle, gates, smoke: !done && (isMissing || target.repeatSmoke), done };
}

/** The gates that the promotion itself will not open. */
export function shutGates({ gates, smoke }: Pick<PromotePlan, "gates" | "smoke">): readonly Gate[] {
  return gates.filter((gate) => isShut(gate) && !(gate.gate === "smoke" && smoke));
}

function planned({ there, tagged, ...state }: TargetState): PlannedTags {
  const { service, repository, digest, published, tags } = state;
  for (const tag of tags) {
    const other = tagged.get(tag);
    if (other !== undefined && other !== digest) throw tagConflict({ repository, tag, there: other, wanted: digest });
  }
  if (!there) throw imageGone(repository, digest);
  return { service, repository, digest, published, tags, create: tags.filter((tag) => !tagged.has(tag)) };
}

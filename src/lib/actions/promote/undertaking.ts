import type { Undertaking } from "../../errors/undertaking.ts";
import { commandOf } from "./command.ts";
import type { PlannedTags, PromotePlan } from "./plan.ts";

export const evidencePart = "the evidence of the smoke test";
export const recordPart = "the record";

export function partOf({ service }: Pick<PlannedTags, "service">): string {
  return service ?? "the bundle";
}

/** Carrying a plan out: the environment's tag on the bundle is the commit point; where it has that, the record is. */
export function promotion(plan: PromotePlan): Undertaking {
  const { images, bundle, smoke, facts } = plan;
  const tagged = [...images, bundle].filter(({ create }) => create.length > 0).map(partOf);
  const isTagged = !bundle.create.includes(bundle.tags.at(-1) ?? "");
  const verdicts = {
    open: isTagged
      ? "the bundle has its tag, but nothing is promoted without the record"
      : "nothing is promoted before the bundle has its tag",
    doubt: "whether the release is promoted is not known",
    done: "the release is promoted",
  };
  const last = isTagged ? recordPart : partOf(bundle);
  return {
    parts: [...(smoke ? [evidencePart] : []), recordPart, ...tagged],
    verdict: (stateOf) => verdicts[isTagged && facts.isRecorded ? "done" : stateOf(last)],
    again: commandOf(plan),
  };
}

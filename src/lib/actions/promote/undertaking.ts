import type { Undertaking } from "../../errors/undertaking.ts";
import { quote } from "../../script/render.ts";
import type { PlannedTags, PromotePlan } from "./plan.ts";

export const evidencePart = "the evidence of the smoke test";
export const recordPart = "the record";

export function partOf({ service }: Pick<PlannedTags, "service">): string {
  return service ?? "the bundle";
}

/** Carrying a plan out: the environment's tag on the bundle is the commit point. */
export function promotion(plan: PromotePlan, environment: string, as: string | undefined): Undertaking {
  const { images, bundle, smoke, gates, published } = plan;
  const tagged = [...images, bundle].filter(({ create }) => create.length > 0).map(partOf);
  const verdicts = {
    open: "nothing is promoted before the bundle has its tag",
    doubt: "whether the release is promoted is not known",
    done: "the release is promoted",
  };
  const isPromoted = !bundle.create.includes(bundle.tags.at(-1) ?? "");
  const overridden = gates.filter(({ reason }) => reason !== null);
  const again = [
    `threads promote ${published.release.revision} -e ${environment}`,
    ...(as === undefined ? [] : [`--as ${as}`]),
    ...overridden.map(({ gate }) => `--override ${gate}`),
    ...overridden.slice(0, 1).map(({ reason }) => `--reason ${quote(reason ?? "")}`),
  ].join(" ");
  return {
    parts: [...(smoke ? [evidencePart] : []), recordPart, ...tagged],
    verdict: (stateOf) => verdicts[isPromoted ? "done" : stateOf(partOf(bundle))],
    again,
  };
}

import type { Told } from "./look-and-plan.ts";
import type { PromotePlan } from "./plan.ts";
import type { PromotedImage, PromotedSmoke, PromoteResult } from "./result.ts";
import { imageOf } from "./tag-all.ts";

/** What came of a plan. */
export interface Carried {
  readonly outcome: PromoteResult["outcome"];
  readonly images?: readonly PromotedImage[];
  readonly smoke?: PromotedSmoke | null;
}

/** @param threats sentences about lifecycle rules */
export function report(
  { environment, resolved, plan: planned }: Pick<Told, "environment" | "resolved" | "plan">,
  { outcome, ...done }: Carried,
  threats: readonly string[],
): PromoteResult {
  const { published, labels, bundle, gates, ships } = planned;
  const images = planned.images.map((image) => ({
    ...imageOf(image),
    outcome: image.create.length > 0 ? ("create" as const) : ("present" as const),
  }));
  return {
    outcome,
    promoted: outcome !== "planned",
    revision: published.release.revision,
    says: resolved.says,
    environment: environment.name,
    tag: labels.at(-1) ?? "",
    tags: labels,
    bundle: { repository: bundle.repository, tag: bundle.tags.at(-1) ?? "", digest: bundle.digest },
    images: done.images ?? images,
    gates:
      done.smoke?.evidence === "run" ? gates.map((gate) => (gate.gate === "smoke" ? passedNow(gate) : gate)) : gates,
    ships,
    smoke: done.smoke ?? null,
    warnings: [...resolved.warnings, ...threats],
  };
}

function passedNow(gate: PromotePlan["gates"][number]): PromotePlan["gates"][number] {
  return { ...gate, state: "passed", says: "passed on these digests just now", next: [] };
}

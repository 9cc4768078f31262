import type { Clock } from "../../clock/clock.ts";
import { shortDigest } from "../../image/digest.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { Registry } from "../../registry/registry.ts";
import { retag } from "../../registry/retag.ts";
import type { PlannedTags, PromotePlan } from "./plan.ts";
import type { PromotedImage } from "./result.ts";

interface TagPorts {
  readonly registry: Registry;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Tagged {
  readonly images: readonly PromotedImage[];
  /** Whether it was another process that gave the bundle its tags meanwhile, and so promoted the release. */
  readonly byAnother: boolean;
}

/** The images all at once, the bundle only when every one of them was read back: half a promotion means nothing. */
export async function tagAll(plan: PromotePlan, ports: TagPorts): Promise<Tagged> {
  const images = await ports.progress.tasks(
    plan.images.map((image) => ({
      title: `Tag ${image.service ?? ""}`,
      run: async (task) => {
        const outcome = await give(image, ports);
        task.done(`Tagged ${image.service ?? ""} ${shortDigest(image.digest)}`);
        return { ...imageOf(image), outcome };
      },
    })),
    { concurrent: true },
  );
  const bundle = await step(ports.progress, "Tag the bundle", async (last) => {
    const outcome = await give(plan.bundle, ports);
    last.done(`Promoted ${shortDigest(plan.bundle.digest)}`);
    return outcome;
  });
  return { images, byAnother: bundle === "present" };
}

/** One after another: the last of a bundle's tags is the commit point. */
async function give({ repository, digest, create }: PlannedTags, ports: TagPorts): Promise<"created" | "present"> {
  let outcome: "created" | "present" = "present";
  for (const tag of create)
    if ((await retag(ports, { repository, digest, tag, absent: true })) === "created") outcome = "created";
  return outcome;
}

export function imageOf({ service, repository, digest }: PlannedTags): Omit<PromotedImage, "outcome"> {
  return { service: service ?? "", repository, digest };
}

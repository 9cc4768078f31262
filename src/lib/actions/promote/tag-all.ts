import type { Clock } from "../../clock/clock.ts";
import type { WritePart } from "../../errors/undertaking.ts";
import { shortDigest } from "../../image/digest.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { Registry } from "../../registry/registry.ts";
import { retag } from "../../registry/retag.ts";
import { both } from "../../progress/both.ts";
import type { PlannedTags, PromotePlan } from "./plan.ts";
import type { PromotedImage } from "./result.ts";
import { partOf, recordPart } from "./undertaking.ts";

interface TagPorts {
  readonly registry: Registry;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly write: WritePart;
}

export interface Tagged {
  readonly images: readonly PromotedImage[];
  /** Whether it was another process that gave the bundle its tags meanwhile, and so promoted the release. */
  readonly byAnother: boolean;
}

/**
 * The images all at once, while the record is written; the bundle only when that is done and every one of them was read
 * back: half a promotion means nothing.
 * @param record why the release may have the tags
 */
export async function tagAll(plan: PromotePlan, record: () => Promise<unknown>, ports: TagPorts): Promise<Tagged> {
  const images = await both(
    () => ports.write(recordPart, record),
    () => tagImages(plan, ports),
  );
  const bundle = await step(ports.progress, "Tag the bundle", async (last) => {
    const outcome = await give(plan.bundle, ports);
    last.done(`Promoted ${shortDigest(plan.bundle.digest)}`);
    return outcome;
  });
  return { images, byAnother: bundle === "present" };
}

function tagImages(plan: PromotePlan, ports: TagPorts): Promise<PromotedImage[]> {
  return ports.progress.tasks(
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
}

/** One after another: the last of a bundle's tags is the commit point. */
async function give(target: PlannedTags, ports: TagPorts): Promise<"created" | "present"> {
  const { repository, digest, create } = target;
  if (create.length === 0) return "present";
  return ports.write(partOf(target), async () => {
    let outcome: "created" | "present" = "present";
    for (const tag of create)
      if ((await retag(ports, { repository, digest, tag, absent: true })) === "created") outcome = "created";
    return outcome;
  });
}

export function imageOf({ service, repository, tags, digest }: PlannedTags): Omit<PromotedImage, "outcome"> {
  return { service: service ?? "", repository, tag: tags.at(-1) ?? "", digest };
}

import type { WritePart } from "../../errors/undertaking.ts";
import { shortDigest } from "../../image/digest.ts";
import { step } from "../../progress/progress.ts";
import { retag } from "../../registry/retag.ts";
import { both } from "../../progress/both.ts";
import type { Gate } from "../../gates/result.ts";
import type { Promotion } from "../../ledger/promotions.ts";
import type { PlannedTags, PromotePlan } from "./plan.ts";
import type { PromotePorts } from "./ports.ts";
import { imageOf, type PromotedImage } from "./result.ts";
import { partOf, recordPart } from "./undertaking.ts";

type TagPorts = Pick<PromotePorts, "registry" | "progress" | "clock" | "signal"> & { readonly write: WritePart };
type ApplyPorts = TagPorts & Pick<PromotePorts, "ledger" | "author" | "version">;

export interface Applied {
  readonly images: readonly PromotedImage[];
  /** Whether it was another process that gave the bundle its tags meanwhile, and so promoted the release. */
  readonly byAnother: boolean;
}

/**
 * The images all at once, while the record is written; the bundle only when that is done and every one of them was read
 * back: half a promotion means nothing.
 */
export async function apply(plan: PromotePlan, ports: ApplyPorts): Promise<Applied> {
  const record = recordOf(plan, ports);
  const images = await both(
    () => ports.write(recordPart, () => ports.ledger.recordPromotion(record)),
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

/** What the ledger keeps of a promotion: who, when, by which gates, and what was overridden. */
export function recordOf(
  { target, gates, smoke }: PromotePlan,
  { author, clock, version }: Pick<PromotePorts, "author" | "clock" | "version">,
): Promotion {
  const { environment, labels, resolved } = target;
  const { release, digest } = resolved.published;
  const state = (gate: Gate): string => (gate.gate === "smoke" && smoke ? "passed" : gate.state);
  return {
    schema: 1,
    environment: environment.name,
    revision: release.revision,
    bundle: digest,
    tags: labels,
    gates: Object.fromEntries(gates.map((gate) => [gate.gate, state(gate)])),
    overrides: gates.flatMap(({ gate, says, policy, reason }) =>
      reason === null ? [] : [{ gate, reason, says: overriddenText(says, policy) }],
    ),
    // A gate that nobody can override: what it does not pass is not promoted.
    sources: "compared",
    by: author,
    at: new Date(clock.now()).toISOString(),
    version,
  };
}

/** What the gate said, and whose policy it was that was gone round: of the two the second has its room first. */
function overriddenText(says: string, policy: string | null): string {
  const added = policy === null ? "" : ` (${policy.slice(0, 160)})`;
  return `${says.slice(0, 200 - added.length)}${added}`;
}

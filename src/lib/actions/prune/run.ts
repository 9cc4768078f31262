import type { Leftovers } from "../../compose/leftovers.ts";
import { removeLeftovers, type RemovePorts } from "../../compose/remove-leftovers.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { PruneResult } from "./result.ts";

export interface PrunePorts extends RemovePorts {
  readonly leftovers: () => Promise<Leftovers>;
  readonly progress: Progress;
}

/** Removes what killed runs have left on this machine; without `yes` it only says what that is. */
export async function prune({ yes }: { readonly yes: boolean }, ports: PrunePorts): Promise<PruneResult> {
  const { progress } = ports;
  const found = await step(progress, "Look for what killed runs have left", ports.leftovers);
  const isEmpty = [found.stacks, found.images, found.folders].every((all) => all.length === 0);
  if (isEmpty) return { outcome: "nothing-to-prune", ...found, failed: [], next: [], advice: [] };
  if (!yes) return { outcome: "planned", ...found, failed: [], next: ["threads prune --yes"], advice: [] };
  const left = await step(progress, "Remove it", () => removeLeftovers(found, ports));
  const failed = left.map(({ what, says }) => ({ what, says }));
  const outcome = failed.length === 0 ? "pruned" : "partly-pruned";
  return { outcome, ...found, failed, next: [...new Set(left.flatMap(({ next }) => next))], advice: [] };
}

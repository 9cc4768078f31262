import { ThreadsError } from "../../errors/threads-error.ts";
import type { PromotePorts } from "./ports.ts";
import type { PromotionTarget } from "./target.ts";

type Warning = Pick<PromotePorts, "lifecycle" | "progress" | "clock" | "signal">;

/** Says which lifecycle rules would take what is being promoted. */
export async function warnOfLifecycle(target: PromotionTarget, ports: Warning): Promise<readonly string[]> {
  // The tags, for which people wait, have the open connections first.
  await ports.clock.sleep(0, ports.signal);
  const texts = await lifecycleTexts(target, ports);
  for (const text of texts) ports.progress.warn(text);
  return texts;
}

/** A guard that cannot look must not stop a promotion; it says that it could not. */
async function lifecycleTexts({ images, bundle, environment }: PromotionTarget, ports: Warning): Promise<string[]> {
  const because = `is being promoted to ${environment.name}`;
  try {
    const found = await ports.lifecycle([...images, bundle].map((one) => ({ ...one, because, tagsToBe: one.tags })));
    return found.map(({ text }) => text);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
    return [`whether a lifecycle rule would take these images is unknown: ${error.message}`];
  }
}

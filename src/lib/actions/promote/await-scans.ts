import { randomInt } from "node:crypto";
import type { Clock } from "../../clock/clock.ts";
import type { ScanGateConfig } from "../../config/config.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { Scans } from "../../registry/ecr/scan-findings.ts";
import { type ScannedImage, scansToAwait, servicesOf } from "../../gates/judge-scan.ts";
import { span } from "../../text/words.ts";
import { type PromotePlan, shutGates } from "./plan.ts";

interface AwaitPorts {
  readonly scans: Pick<Scans, "again">;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Between two looks at the same image, in milliseconds; a part of it is by chance, so that many promotions do not ask in step. */
const pauseMs = 5_000;
const jitterMs = 1_000;

/**
 * Waits for the scans that have not ended, where nothing else keeps the release out, and no longer than it can help.
 * @returns how long it waited, in milliseconds: undefined where there was nothing to wait for
 */
export async function awaitScans(plan: PromotePlan, ports: AwaitPorts): Promise<number | undefined> {
  const { environment, scans: images = [], now } = plan.facts.gates;
  const { scan } = environment.gates;
  return scan === undefined || !awaitsScans(plan) ? undefined : poll({ config: scan, images, now }, ports);
}

/** Whether all that keeps the release out are scans that a promotion waits for. */
export function awaitsScans(plan: PromotePlan): boolean {
  const { environment, scans: images = [], now } = plan.facts.gates;
  const { scan } = environment.gates;
  if (scan === undefined || scan.waitMs === 0 || plan.done) return false;
  const shut = shutGates(plan);
  return shut.length === 1 && shut[0]?.gate === "scan" && scansToAwait(scan, images, now).length > 0;
}

async function poll(
  facts: { readonly config: ScanGateConfig; readonly images: readonly ScannedImage[]; readonly now: number },
  { scans, progress, clock, signal }: AwaitPorts,
): Promise<number> {
  const { config } = facts;
  const startedAt = clock.now();
  const waited = (): number => Math.min(clock.now() - startedAt, config.waitMs);
  let { images } = facts;
  let open = scansToAwait(config, images, facts.now);
  return step(progress, "Wait for the image scan", async (task) => {
    while (open.length > 0 && waited() < config.waitMs) {
      task.update(`${servicesOf(open)}, ${span(waited())} of ${span(config.waitMs)}`);
      await clock.sleep(Math.min(pauseMs + randomInt(jitterMs), config.waitMs - waited()), signal);
      images = await lookAgain(images, open, scans);
      open = scansToAwait(config, images, facts.now + waited());
    }
    task.done(
      open.length === 0
        ? "Waited for the image scan"
        : `The scan of ${servicesOf(open)} has not ended after ${span(waited())}`,
    );
    return waited();
  });
}

function lookAgain(
  images: readonly ScannedImage[],
  open: readonly ScannedImage[],
  scans: Pick<Scans, "again">,
): Promise<readonly ScannedImage[]> {
  return Promise.all(
    images.map(async (image) => (open.includes(image) ? { ...image, scan: await scans.again(image.scan) } : image)),
  );
}

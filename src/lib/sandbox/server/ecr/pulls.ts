import type { ImageState } from "./index-state.ts";
import { type EcrParts, seconds } from "./parts.ts";

/** `lastRecordedPullTime` is renewed about once a day (API reference, ImageDetail). */
const renewedSeconds = 24 * 60 * 60;

/** Notes that an image was pulled, unless that was noted within the last day. */
export async function recordPull(parts: EcrParts, image: ImageState): Promise<void> {
  const now = seconds(parts);
  if (image.lastPulledAt !== undefined && now - image.lastPulledAt < renewedSeconds) return;
  await parts.index.update(() => (image.lastPulledAt = now));
}

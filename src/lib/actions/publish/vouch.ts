import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { list } from "../../text/words.ts";
import type { Compared } from "./compared.ts";
import type { PublishPorts } from "./ports.ts";
import { smokeOther } from "./smoke-other.ts";

/**
 * Before a release is signed that this machine has not smoked as it is published, and that somebody adopts: its images, by
 * digest, have to pass here. @param runs whether they may be run here: not by a plan, nor beside the credentials where only what
 * was handed over is published @throws ThreadsError checks, BUNDLE_DIFFERS
 */
export async function vouchFor(
  published: PublishedRelease,
  { different, missing }: Compared,
  { runs }: { readonly runs: boolean },
  ports: PublishPorts,
): Promise<void> {
  const others = [...different.map(({ service }) => service), ...missing];
  if (others.length === 0) return;
  const short = shortRevision(published.release.revision);
  ports.progress.warn(`the signature vouches for ${list(others)} of ${short}, of which this machine has no such build`);
  if (runs) await smokeOther(published, ports);
}

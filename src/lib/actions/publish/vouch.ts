import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { smokePublished } from "../../stack/smoke-published.ts";
import { list } from "../../text/words.ts";
import type { PublishPorts } from "./ports.ts";
import type { Compared } from "./same-build.ts";

/**
 * Before a release is signed that this machine has not smoked as it is published, and that somebody adopts: its images, by
 * digest, have to pass here. @param runs whether they may be run here: not by a plan, nor beside the credentials where only what
 * was handed over is published @throws ThreadsError checks
 */
export async function vouchFor(
  { release }: PublishedRelease,
  { different, missing }: Compared,
  { runs }: { readonly runs: boolean },
  ports: Pick<PublishPorts, "registry" | "docker" | "smoke" | "progress">,
): Promise<void> {
  const others = [...different.map(({ service }) => service), ...missing];
  if (others.length === 0) return;
  const short = shortRevision(release.revision);
  ports.progress.warn(`the signature vouches for ${list(others)} of ${short}, of which this machine has no such build`);
  if (runs) await smokePublished(release, ports);
}
